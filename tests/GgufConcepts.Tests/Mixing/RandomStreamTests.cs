using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

public class RandomStreamTests
{
    [Fact]
    public void NextUInt64_Seed_GivesThePublishedSequence()
    {
        // From C: splitmix64.c started at 42 filling the state of xoshiro256starstar.c.
        ulong[] expected =
        [
            0x15780B2E0C2EC716,
            0x6104D9866D113A7E,
            0xAE17533239E499A1,
            0xECB8AD4703B360A1,
        ];
        RandomStream random = new(42);
        Assert.All(expected, number => Assert.Equal(number, random.NextUInt64()));
    }

    [Fact]
    public void NextDoubleAndNextSingle_ManyNumbers_AreFrom0ToBelow1AndEven()
    {
        RandomStream random = new(3);
        double doubles = 0, singles = 0;
        for (int i = 0; i < 100_000; i++)
        {
            double d = random.NextDouble();
            float s = random.NextSingle();
            Assert.True(d is >= 0 and < 1 && s is >= 0 and < 1);
            doubles += d;
            singles += s;
        }

        Assert.Equal(0.5, doubles / 100_000, 0.005);
        Assert.Equal(0.5, singles / 100_000, 0.005);
    }
}
