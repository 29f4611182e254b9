using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>Runs rules on logits, without a model.</summary>
internal static class Choices
{
    public static StrategyContext Context(FakeSpace space, int vocabulary, ulong seed = 0, params int[] never) =>
        new(vocabulary, space.Width, space.Width, new TokenMask(vocabulary, never), seed) { Space = space };

    /// <summary>One step of a new run.</summary>
    public static NextInput Choose(
        IStrategy strategy, FakeSpace space, float[] logits, ulong seed = 0, float[]? hidden = null, params int[] never)
    {
        NextInput next = new(space.Width);
        strategy.Start(Context(space, logits.Length, seed, never)).Choose(new StepInput(logits, hidden), next);
        return next;
    }

    /// <summary>The vector that a decision feeds.</summary>
    public static float[] Vector(NextInput next, FakeSpace space)
    {
        if (next.FeedsVector)
        {
            return next.Vector.ToArray();
        }

        float[] vector = new float[space.Width];
        if (next.Kind == InputKind.Token)
        {
            space.Mix([next.Token], [1f], vector);
        }
        else
        {
            space.Mix(next.Concept.Ids, next.Concept.Weights, vector);
        }

        return vector;
    }

    public static void AssertClose(IEnumerable<double> expected, IEnumerable<float> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Count(), actual.Count());
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    /// <summary>Probabilities by the formula, in double precision.</summary>
    public static double[] Softmax(float[] logits, double temperature, params int[] never)
    {
        double largest = logits.Max();
        double[] weights =
            [.. logits.Select((logit, id) => never.Contains(id) ? 0 : Math.Exp((logit - largest) / temperature))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    public static double Entropy(double[] probabilities) =>
        -probabilities.Sum(probability => probability > 0 ? probability * Math.Log(probability) : 0);

    public static float[] RandomLogits(Random random, int count, double spread) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(spread * (random.NextDouble() * 2 - 1)))];

    /// <summary>The chi-square statistic of counts against shares.</summary>
    public static double ChiSquare(int[] counts, double[] shares)
    {
        double draws = counts.Sum();
        return counts.Zip(shares).Sum(pair => Math.Pow(pair.First - pair.Second * draws, 2) / (pair.Second * draws));
    }
}
