using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

/// <summary>Logits of the shapes that go wrong: each has its own worst case in some kernel.</summary>
internal static class Logits
{
    public static readonly string[] Shapes =
        ["peaked", "flat", "ascending", "descending", "equal", "ties", "minusInfinity", "wide", "deep", "subnormal"];

    public static float[] Make(string shape, int size, ulong seed)
    {
        RandomStream random = new(seed);
        float[] logits = new float[size];
        for (int i = 0; i < size; i++)
        {
            logits[i] = shape switch
            {
                "peaked" => Normal(ref random) * 2f,
                "flat" => random.NextSingle() * 0.01f,
                "ascending" => i * (20f / size),
                "descending" => -i * (20f / size),
                "equal" => 3.25f,
                "ties" => random.NextUInt64() % 4,
                "minusInfinity" => random.NextUInt64() % 3 == 0 ? Normal(ref random) : float.NegativeInfinity,
                "wide" => Normal(ref random) * 40f + 1000f, // far from 0, most of it below the cut
                "deep" => i == size / 3 ? 0f : -24f - 3f * random.NextSingle(), // where sums begin to be coarse
                "subnormal" => float.Epsilon * (random.NextUInt64() % 1000),
                _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "No such shape."),
            };
        }

        if (shape == "peaked")
        {
            for (int i = 0; i < 5; i++)
            {
                logits[(int)(random.NextUInt64() % (ulong)size)] = 15f + Normal(ref random);
            }
        }
        else if (shape == "minusInfinity")
        {
            logits[size / 2] = 0.5f; // at least one token can be said
        }

        return logits;
    }

    /// <summary>A few tokens anywhere, never all of them.</summary>
    public static TokenMask MakeMask(int size, ulong seed)
    {
        RandomStream random = new(seed);
        HashSet<int> ids = [];
        for (int i = 0; i < Math.Min(size / 3, 40); i++)
        {
            ids.Add((int)(random.NextUInt64() % (ulong)size));
        }

        return new TokenMask(size, [.. ids]);
    }

    public static float Normal(ref RandomStream random) // Box and Muller
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
    }
}
