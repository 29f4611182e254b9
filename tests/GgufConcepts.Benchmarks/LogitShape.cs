using GgufConcepts.Mixing;

namespace GgufConcepts.Benchmarks;

/// <summary>What the logits look like.</summary>
public enum LogitShape
{
    /// <summary>40 of 22 to 28 over a bulk of -2 to 2, as a trained model gives them.</summary>
    Peaked,

    /// <summary>All from 0 to 1.</summary>
    Flat,

    /// <summary>From 0 to 20 in order of id: each is the largest so far.</summary>
    Ascending,

    /// <summary>All the same.</summary>
    Equal,

    /// <summary>Peaked, but every second one -infinity.</summary>
    HalfMinusInfinity,

    /// <summary>All but 20 are -infinity.</summary>
    FewFinite,
}

/// <summary>A vocabulary size and a shape: one row of a table.</summary>
public sealed record LogitCase(int Size, LogitShape Shape)
{
    public override string ToString() => $"{Size} {Shape}";

    public float[] MakeLogits()
    {
        RandomStream random = new(1);
        float[] logits = new float[Size];
        for (int i = 0; i < Size; i++)
        {
            logits[i] = Shape switch
            {
                LogitShape.Flat => random.NextSingle(),
                LogitShape.Ascending => i * (20f / Size),
                LogitShape.Equal => 3.25f,
                LogitShape.FewFinite => float.NegativeInfinity,
                LogitShape.HalfMinusInfinity when i % 2 == 1 => float.NegativeInfinity,
                _ => 4f * (random.NextSingle() - 0.5f),
            };
        }

        int standOut = Shape switch
        {
            LogitShape.Peaked or LogitShape.HalfMinusInfinity => 40,
            LogitShape.FewFinite => 20,
            _ => 0,
        };
        for (int i = 0; i < standOut; i++)
        {
            logits[(int)(random.NextUInt64() % (ulong)Size)] = 22f + 6f * random.NextSingle();
        }

        return logits;
    }
}
