using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

public class ParallelPartsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public void Run_ManyJobsInARow_DoesEveryPartOnce(int most)
    {
        Count job = new(parts: 100);
        ParallelParts parts = new(job, most);
        for (int round = 1; round <= 2000; round++) // latecomers of one round meet the next
        {
            int count = round % 100;
            parts.Run(count);
            for (int part = 0; part < 100; part++)
            {
                Assert.Equal(part < count ? 1 : 0, job.Done[part]);
                job.Done[part] = 0;
            }
        }
    }

    [Fact]
    public void Run_APartThrows_DoesTheRestAndThrowsInTheCaller()
    {
        Count job = new(parts: 8) { Fails = 3 };
        ParallelParts parts = new(job, most: 4);

        InvalidOperationException problem = Assert.Throws<InvalidOperationException>(() => parts.Run(8));

        Assert.Equal("part 3", problem.Message);
        Assert.All(job.Done, done => Assert.Equal(1, done));
        job.Fails = -1;
        parts.Run(8); // it can be used again
        Assert.All(job.Done, done => Assert.Equal(2, done));
    }

    [Fact]
    public void Run_AfterTheFirst_AllocatesNothing()
    {
        ParallelParts parts = new(new Count(parts: 16), most: 2);
        parts.Run(16);
        long before = GC.GetAllocatedBytesForCurrentThread();
        parts.Run(16);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private sealed class Count(int parts) : IPartedJob
    {
        public int[] Done { get; } = new int[parts];

        public int Fails { get; set; } = -1;

        public void Run(int part)
        {
            Interlocked.Increment(ref Done[part]);
            if (part == Fails)
            {
                throw new InvalidOperationException($"part {part}");
            }
        }
    }
}
