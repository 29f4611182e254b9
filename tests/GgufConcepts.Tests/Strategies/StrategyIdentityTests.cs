using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>What must hold between rules whatever the logits: thousands of random ones, seeds fixed.</summary>
public sealed class StrategyIdentityTests
{
    private const int Vocabulary = 300; // more than a list holds
    private const int Width = 6;
    private const int Cases = 1000;

    private static readonly FakeSpace s_space = FakeSpace.Random(Vocabulary, Width, seed: 1);

    public static IEnumerable<(float[] Logits, ulong Seed)> RandomCases()
    {
        Random random = new(2);
        for (int i = 0; i < Cases; i++)
        {
            yield return (Choices.RandomLogits(random, Vocabulary, spread: random.NextDouble() * 12), (ulong)i);
        }
    }

    [Fact]
    public void Choose_SoftOfOneToken_IsGreedy()
    {
        foreach ((float[] logits, _) in RandomCases())
        {
            NextInput soft = Choices.Choose(new SoftThinking { Mix = new() { MaxTopK = 1 } }, s_space, logits);
            NextInput greedy = Choices.Choose(new TokenDecoding { Greedy = true }, s_space, logits);
            Assert.Equal((InputKind.Token, greedy.Token), (soft.Kind, soft.Token));
            Assert.Equal(Array.IndexOf(logits, logits.Max()), soft.Token);
        }
    }

    [Fact]
    public void Choose_SoftWithAnyFilter_KeepsTheEntropy()
    {
        Random random = new(3);
        foreach ((float[] logits, _) in RandomCases())
        {
            MixOptions mix = new()
            {
                Temperature = 0.7f, TopK = random.Next(20), TopP = 0.3f + 0.7f * random.NextSingle(),
                MinP = 0.5f * random.NextSingle(), MaxTopK = 1 + random.Next(10),
            };
            double expected = Choices.Entropy(Choices.Softmax(logits, 0.7));
            Assert.Equal(expected, Choices.Choose(new SoftThinking { Mix = mix }, s_space, logits).Concept.Entropy, 1e-5);
        }
    }

    [Theory]
    [InlineData("soft")]
    [InlineData("soft:noise=gumbel")]
    [InlineData("soft:noise=dirichlet")]
    [InlineData("full")]
    [InlineData("multi")]
    [InlineData("multi:weighted=true,k=7")]
    [InlineData("moi")]
    [InlineData("switch")]
    [InlineData("router:tau=0")]
    public void Choose_AnyMixture_LiesWithinItsRows(string spec)
    {
        IStrategy strategy = StrategyCatalog.Standard.Make(StrategySpec.ParseList(spec)[0]);
        float[] row = new float[Width], least = new float[Width], most = new float[Width];
        for (int id = 0; id < Vocabulary; id++)
        {
            s_space.Mix([id], [1f], row);
            for (int j = 0; j < Width; j++)
            {
                (least[j], most[j]) = (Math.Min(least[j], row[j]), Math.Max(most[j], row[j]));
            }
        }

        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            NextInput next = Choices.Choose(strategy, s_space, logits, seed);
            float[] vector = Choices.Vector(next, s_space);
            Assert.All(vector.Index(), value => Assert.InRange(
                value.Item, least[value.Index] - 1e-5f, most[value.Index] + 1e-5f));
            Assert.Equal(1, next.Concept.Weights.ToArray().Sum(weight => (double)weight), 1e-5);
            Assert.Equal(next.Concept.Weights.ToArray().OrderDescending(), next.Concept.Weights.ToArray());
        }
    }

    [Fact]
    public void Choose_Full_IsTheProductOfAllProbabilitiesAndRows()
    {
        float[] row = new float[Width];
        foreach ((float[] logits, _) in RandomCases())
        {
            double[] probabilities = Choices.Softmax(logits, 1, never: 7), expected = new double[Width];
            for (int id = 0; id < Vocabulary; id++)
            {
                s_space.Mix([id], [1f], row);
                for (int j = 0; j < Width; j++)
                {
                    expected[j] += probabilities[id] * row[j];
                }
            }

            NextInput next = Choices.Choose(new FullMixture(), s_space, logits, never: 7);
            Choices.AssertClose(expected, Choices.Vector(next, s_space), 1e-6);
            Assert.DoesNotContain(7, next.Concept.Ids.ToArray());
        }
    }

    [Fact]
    public void Choose_FullOnPeakedLogits_NeedsNoPassOverTheTable()
    {
        FakeSpace space = FakeSpace.Random(Vocabulary, Width, seed: 4);
        float[] logits = new float[Vocabulary];
        (logits[3], logits[5]) = (40, 39);
        NextInput next = Choices.Choose(new FullMixture(), space, logits);
        Assert.Equal([3, 5], next.Concept.Ids.ToArray());
        Assert.Equal((InputKind.Concept, false, 0), (next.Kind, next.FeedsVector, space.WholeSums));
        Choices.Choose(new FullMixture(), space, new float[Vocabulary]);
        Assert.Equal(1, space.WholeSums);
    }

    /// <summary>a soft + (1 - a) sample, with the very token that plain decoding draws from the same seed.</summary>
    [Fact]
    public void Choose_Moi_IsSoftAndSampleBlended()
    {
        MixOptions mix = new() { Temperature = 0.8f, TopK = 40 };
        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            NextInput moi = Choices.Choose(new MixtureOfInputs { Mix = mix, Beta = 0.5f }, s_space, logits, seed);
            NextInput token = Choices.Choose(new TokenDecoding { Mix = mix }, s_space, logits, seed);
            NextInput soft = Choices.Choose(new SoftThinking { Mix = mix }, s_space, logits);
            Assert.Equal(token.Token, moi.Chosen);
            Assert.Equal(token.Token, moi.Said);
            double share = Choices.Entropy(Choices.Softmax(logits, 0.8)) / Math.Log(Vocabulary) / 1.5;
            IEnumerable<double> expected = Choices.Vector(soft, s_space).Zip(Choices.Vector(token, s_space))
                .Select(pair => share * pair.First + (1 - share) * pair.Second);
            Choices.AssertClose(expected, Choices.Vector(moi, s_space));
        }
    }

    [Fact]
    public void Choose_MultiOfOne_IsASample()
    {
        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            NextInput multi = Choices.Choose(new MultiToken { K = 1 }, s_space, logits, seed);
            NextInput token = Choices.Choose(new TokenDecoding(), s_space, logits, seed);
            Assert.Equal((InputKind.Token, token.Token), (multi.Kind, multi.Token));
        }
    }

    [Fact]
    public void Choose_MultiWeighted_GivesEachDrawItsProbability()
    {
        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            MixOptions mix = new() { Temperature = 1.5f };
            NextInput plain = Choices.Choose(new MultiToken { K = 6, Mix = mix }, s_space, logits, seed);
            NextInput weighted = Choices.Choose(new MultiToken { K = 6, Mix = mix, Weighted = true }, s_space, logits, seed);
            double[] probabilities = Choices.Softmax(logits, 1.5);
            Dictionary<int, double> expected = [];
            for (int i = 0; i < plain.Concept.Count; i++)
            {
                int id = plain.Concept.Ids[i];
                Assert.Equal(0, Math.IEEERemainder(plain.Concept.Weights[i], 1 / 6.0), 1e-6); // whole draws of six
                expected[id] = plain.Concept.Weights[i] * probabilities[id];
            }

            double sum = expected.Values.Sum();
            Assert.Equal(expected.Count, weighted.Concept.Count);
            Choices.AssertClose(
                weighted.Concept.Ids.ToArray().Select(id => expected[id] / sum), weighted.Concept.Weights.ToArray());
        }
    }

    [Fact]
    public void Choose_NoiseOfZero_IsFull()
    {
        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            NextInput noise = Choices.Choose(new NoisyMixture { Sigma = 0 }, s_space, logits, seed);
            NextInput full = Choices.Choose(new FullMixture(), s_space, logits);
            Assert.Equal((InputKind.Concept, true), (noise.Kind, noise.FeedsVector));
            Assert.Equal(Choices.Vector(full, s_space), Choices.Vector(noise, s_space));
        }
    }

    [Fact]
    public void Choose_Selective_MixesExactlyWhereTheModelHesitates()
    {
        int mixed = 0;
        foreach ((float[] close, ulong seed) in RandomCases())
        {
            float[] logits = [.. close.Select(logit => 20 * logit)]; // or the three likeliest would always be alike
            double[] three = [.. Choices.Softmax(logits, 1).OrderDescending().Take(3)];
            double[] shares = [.. three.Select(share => share / three.Sum())];
            double hesitation = Choices.Entropy(shares) / Math.Log(3);
            NextInput next = Choices.Choose(new SelectiveThinking { Tau = 0.8f }, s_space, logits, seed);
            bool mixes = hesitation >= 0.8f;
            Assert.Equal(mixes ? InputKind.Concept : InputKind.Token, next.Kind);
            Assert.Equal(mixes ? -1 : Choices.Choose(new TokenDecoding(), s_space, logits, seed).Token, next.Chosen);
            mixed += mixes ? 1 : 0;
        }

        Assert.InRange(mixed, 100, Cases - 100); // both happen
    }

    [Fact]
    public void Choose_Router_MixesWhereSureOrTheOtherWayRound()
    {
        foreach ((float[] logits, ulong seed) in RandomCases())
        {
            bool sure = Choices.Softmax(logits, 1).Max() >= 0.1f;
            NextInput paper = Choices.Choose(new RouterThinking { Tau = 0.1f }, s_space, logits, seed);
            NextInput other = Choices.Choose(
                new RouterThinking { Tau = 0.1f, Mixes = RouterMixes.Unsure }, s_space, logits, seed);
            Assert.Equal(sure ? InputKind.Concept : InputKind.Token, paper.Kind);
            Assert.Equal(sure ? InputKind.Token : InputKind.Concept, other.Kind);
        }
    }

    [Theory]
    [InlineData(HiddenNorm.None)]
    [InlineData(HiddenNorm.Match)]
    public void Choose_Hidden_KeepsTheDirectionAndMatchesTheLength(HiddenNorm norm)
    {
        Random random = new(5);
        foreach ((float[] logits, _) in RandomCases().Take(100))
        {
            float[] hidden = Choices.RandomLogits(random, Width, 30);
            float[] fed = Choices.Vector(
                Choices.Choose(new HiddenState { Norm = norm }, s_space, logits, hidden: hidden), s_space);
            double length = Math.Sqrt(hidden.Sum(value => (double)value * value));
            double scale = norm == HiddenNorm.Match ? s_space.MeanNorm / length : 1;
            Choices.AssertClose(hidden.Select(value => scale * value), fed);
        }
    }

    [Theory]
    [InlineData("moi")]
    [InlineData("token")]
    [InlineData("soft")]
    [InlineData("full")]
    [InlineData("multi")]
    [InlineData("selective")]
    [InlineData("router")]
    [InlineData("switch")]
    public void Choose_ControlTokenLikeliest_IsSaidButNeverMixed(string spec)
    {
        float[] logits = new float[Vocabulary];
        logits[9] = 60; // nearly all the probability, on a control token
        IStrategy strategy = StrategyCatalog.Standard.Make(StrategySpec.ParseList(spec)[0]);
        NextInput next = Choices.Choose(strategy, s_space, logits, never: 9);
        Assert.Equal(9, next.Said);
        if (spec is "moi" or "token") // the others mix, and leave it out
        {
            Assert.Equal((InputKind.Token, 9), (next.Kind, next.Token));
        }
        else
        {
            Assert.DoesNotContain(9, next.Concept.Ids.ToArray());
        }
    }
}
