using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

[Trait("Suite", "Vector")]
public class ConceptMixerTests
{
    private static readonly MixOptions[] s_options =
    [
        new(),
        new() { Temperature = 0.6f, TopK = 30, TopP = 0.95f, MinP = 0.001f },
        new() { Temperature = 1.7f, TopK = 3, MaxTopK = 256 },
        new() { Temperature = 0.3f, TopP = 0.9f, MaxTopK = 15 },
        new() { MinP = 0.2f, MaxTopK = 256 },
        new() { Temperature = 0.01f, TopK = 1_000_000, TopP = 0.5f, MinP = 0.1f, MaxTopK = 4 },
    ];

    private readonly ConceptToken _expected = new();
    private readonly ConceptToken _actual = new();

    public static TheoryData<string> Shapes => [.. Logits.Shapes];

    [Theory, MemberData(nameof(Shapes))]
    public void Mix_SmallVocabularies_MatchReference(string shape)
    {
        for (int size = 1; size <= 70; size++)
        {
            for (ulong seed = 0; seed < 3; seed++)
            {
                AssertMatches(Logits.Make(shape, size, seed), TokenMask.None(size));
                AssertMatches(Logits.Make(shape, size, seed), Logits.MakeMask(size, seed));
            }
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Mix_MiddlingVocabulary_MatchesReference(string shape)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            AssertMatches(Logits.Make(shape, 512, seed), Logits.MakeMask(512, seed));
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Mix_RealVocabularySizes_MatchReference(string shape)
    {
        foreach (int size in (int[])[50_257, 151_936])
        {
            AssertMatches(Logits.Make(shape, size, 1), TokenMask.None(size), s_options[1], s_options[3]);
            AssertMatches(Logits.Make(shape, size, 2), Logits.MakeMask(size, 2), s_options[1], s_options[3]);
        }
    }

    [Fact]
    public void Mix_AnyFilter_LeavesEntropyAlone()
    {
        float[] logits = Logits.Make("peaked", 3000, 5);
        ConceptMixer mixer = new(TokenMask.None(logits.Length));
        mixer.Mix(logits, new MixOptions { Temperature = 0.8f }, _expected);
        foreach (MixOptions options in s_options)
        {
            mixer.Mix(logits, options with { Temperature = 0.8f }, _actual);
            Assert.Equal(_expected.Entropy, _actual.Entropy);
            Assert.Equal(_expected.TopProbability, _actual.TopProbability);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Mix_TopK1_IsArgMax(string shape)
    {
        foreach (int size in (int[])[1, 2, 63, 64, 65, 700, 5000])
        {
            TokenMask mask = Logits.MakeMask(size, 3);
            ConceptMixer mixer = new(mask);
            float[] logits = Logits.Make(shape, size, 4);
            int best = Enumerable.Range(0, size).Where(id => !mask.Contains(id)).MaxBy(id => logits[id]);
            if (float.IsFinite(logits[best]))
            {
                mixer.Mix(logits, new MixOptions { TopK = 1 }, _actual);
                Assert.Equal([best], _actual.Ids.ToArray());
                Assert.Equal([1f], _actual.Weights.ToArray());
                Assert.Equal(best, mixer.ArgMax(logits));
            }
        }
    }

    [Fact]
    public void Mix_ZeroOfBothSigns_TiesGoToTheLowestId()
    {
        ConceptMixer mixer = new(TokenMask.None(4));
        mixer.Mix([-1f, -0f, 0f, -0f], MixOptions.Default with { MaxTopK = 3 }, _actual);
        Assert.Equal([1, 2, 3], _actual.Ids.ToArray());
        Assert.Equal(1, _actual.Top);
    }

    [Fact]
    public void Mix_MaskedTokenHasNearlyAllMass_CountsButIsNotMixed()
    {
        float[] logits = Logits.Make("peaked", 300, 6);
        logits[17] = 90f;
        ConceptMixer mixer = new(new TokenMask(300, 17));
        foreach (MixOptions options in s_options)
        {
            mixer.Mix(logits, options, _actual);
            Assert.Equal(17, _actual.Top);
            Assert.Equal(1f, _actual.TopProbability, 1e-6f);
            Assert.InRange(_actual.Entropy, 0, 1e-6);
            Assert.DoesNotContain(17, _actual.Ids.ToArray());
            ConceptMixer.MixReference(logits, options, new TokenMask(300, 17), _expected);
            Assert.Equal(_expected.Ids.ToArray(), _actual.Ids.ToArray());
        }
    }

    [Fact]
    public void Mix_MixtureOfRows_LiesWithinTheirRange()
    {
        const int Width = 37;
        RandomStream random = new(9);
        for (ulong seed = 0; seed < 200; seed++)
        {
            new ConceptMixer(TokenMask.None(100)).Mix(Logits.Make("peaked", 100, seed), s_options[1], _actual);
            float[] rows = new float[_actual.Count * Width];
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = Logits.Normal(ref random);
            }

            float[] vector = new float[Width];
            RowBlend.Blend(rows, _actual.Weights, vector);
            for (int column = 0; column < Width; column++)
            {
                float[] values = [.. Enumerable.Range(0, _actual.Count).Select(row => rows[row * Width + column])];
                Assert.InRange(vector[column], values.Min() - 1e-6f, values.Max() + 1e-6f);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Mix_UnusableLogitAnywhere_ThrowsNamingIt(float value)
    {
        foreach (int size in (int[])[1, 40, 64, 200, 9000])
        {
            ConceptMixer mixer = new(TokenMask.None(size));
            for (int at = 0; at < size; at += 1 + size / 150)
            {
                float[] logits = Logits.Make("wide", size, 7); // most blocks are skipped by the sums
                logits[at] = value;
                NonFiniteLogitsException thrown = Assert.Throws<NonFiniteLogitsException>(
                    () => mixer.Mix(logits, MixOptions.Default, _actual));
                Assert.Contains($"Logit {at} of {size}", thrown.Message);
                Assert.Throws<NonFiniteLogitsException>(() => mixer.ArgMax(logits));
            }
        }
    }

    [Fact]
    public void Mix_NothingAboveMinusInfinity_Throws()
    {
        float[] logits = [float.NegativeInfinity, float.NegativeInfinity];
        ConceptMixer mixer = new(new TokenMask(2, 0));
        Assert.Throws<NonFiniteLogitsException>(() => mixer.Mix(logits, MixOptions.Default, _actual));
        logits[0] = 1f; // but that one is masked
        Assert.Throws<NonFiniteLogitsException>(() => mixer.Mix(logits, MixOptions.Default, _actual));
        Assert.Throws<NonFiniteLogitsException>(() => mixer.ArgMax(logits));
    }

    [Fact]
    public void Mix_HugeFiniteLogits_AreAllowed()
    {
        float[] logits = [.. Enumerable.Repeat(-float.MaxValue, 100)];
        logits[3] = float.MaxValue;
        logits[4] = float.MaxValue;
        new ConceptMixer(TokenMask.None(100)).Mix(logits, MixOptions.Default, _actual);
        Assert.Equal([3, 4], _actual.Ids.ToArray());
        Assert.Equal(Math.Log(2), _actual.Entropy, 1e-6);
    }

    [Fact]
    public void Mix_BadArguments_ThrowNamingThem()
    {
        ConceptMixer mixer = new(TokenMask.None(4));
        Assert.Throws<ArgumentException>("logits", () => mixer.Mix(new float[3], MixOptions.Default, _actual));
        Assert.Throws<ArgumentException>("logits", () => mixer.ArgMax(new float[5]));
        Assert.Throws<ArgumentException>("options", () => mixer.Mix(new float[4], new() { TopP = 0 }, _actual));
        Assert.Throws<ArgumentException>("mask", () => new ConceptMixer(new TokenMask(2, 0, 1)));
    }

    private void AssertMatches(float[] logits, TokenMask mask, params ReadOnlySpan<MixOptions> some)
    {
        ConceptMixer mixer = new(mask);
        foreach (MixOptions options in some.IsEmpty ? s_options : some)
        {
            if (!logits.Where((logit, id) => !mask.Contains(id) && float.IsFinite(logit)).Any())
            {
                continue; // Mix_NothingAboveMinusInfinity_Throws
            }

            ConceptMixer.MixReference(logits, options, mask, _expected);
            mixer.Mix(logits, options, _actual);
            Assert.Equal(_expected.Entropy, _actual.Entropy, 1e-5);
            Assert.Equal(_expected.Top, _actual.Top);
            Assert.Equal(_expected.TopProbability, _actual.TopProbability, 2e-6f * _expected.TopProbability);
            Assert.Equal(_expected.Ids.ToArray(), _actual.Ids.ToArray());
            double sum = 0;
            for (int i = 0; i < _actual.Count; i++)
            {
                sum += _actual.Weights[i];
                Assert.Equal(_expected.Weights[i], _actual.Weights[i], 1e-6f * _expected.Weights[i]);
                Assert.False(mask.Contains(_actual.Ids[i]));
            }

            Assert.Equal(1, sum, 1e-5);
        }
    }
}
