using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>What each rule decides, on distributions of a few tokens with answers done by hand.</summary>
public sealed class StrategyTests
{
    private const int Width = 3;

    // Probabilities 1/2, 1/4, 1/8, 1/8: logits are their logarithms.
    private static readonly float[] s_logits = [MathF.Log(0.5f), MathF.Log(0.25f), MathF.Log(0.125f), MathF.Log(0.125f)];

    private static readonly double s_entropy = 1.75 * Math.Log(2);

    [Fact]
    public void Choose_Soft_MixesByProbability()
    {
        NextInput next = Choose(new SoftThinking { Mix = new() { MaxTopK = 2 } }, s_logits);
        Assert.Equal((InputKind.Concept, -1), (next.Kind, next.Token));
        Assert.Equal([0, 1], next.Concept.Ids.ToArray());
        Assert.Equal(2 / 3f, next.Concept.Weights[0], 1e-6f);
        Assert.Equal(1 / 3f, next.Concept.Weights[1], 1e-6f);
        Assert.Equal(s_entropy, next.Concept.Entropy, 1e-6);
    }

    [Fact]
    public void Choose_SoftOneTokenLeft_FeedsThatToken()
    {
        NextInput next = Choose(new SoftThinking { Mix = new() { MaxTopK = 1 } }, s_logits);
        Assert.Equal((InputKind.Token, 0), (next.Kind, next.Token));
    }

    [Fact]
    public void Choose_SoftControlTokenLikeliest_MixesTheOthersAndStillNamesIt()
    {
        NextInput next = Choose(new SoftThinking { Mix = new() { MaxTopK = 2 } }, s_logits, never: 0);
        Assert.Equal([1, 2], next.Concept.Ids.ToArray());
        Assert.Equal(2 / 3f, next.Concept.Weights[0], 1e-6f);
        Assert.Equal(0, next.Concept.Top);
        Assert.Equal(s_entropy, next.Concept.Entropy, 1e-6); // the whole vocabulary's, markers included
    }

    [Fact]
    public void Choose_GreedyToken_TakesTheLikeliestEvenAMarker()
    {
        NextInput next = Choose(new TokenDecoding { Greedy = true }, s_logits, never: 0);
        Assert.Equal((InputKind.Token, 0), (next.Kind, next.Token));
        Assert.Equal(4, next.Concept.Count); // shown, not mixed
    }

    [Fact]
    public void Choose_SampledToken_DrawsByProbability()
    {
        const int Draws = 8000;
        IStrategyRun run = new TokenDecoding().Start(Context(seed: 3));
        NextInput next = new(Width);
        int[] counts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            run.Choose(new StepInput(s_logits, default), next);
            Assert.Equal(InputKind.Token, next.Kind);
            counts[next.Token]++;
        }

        double bound = 5 * Math.Sqrt(Draws * 0.25); // five standard deviations of the widest
        Assert.Equal(Draws / 2, counts[0], bound);
        Assert.Equal(Draws / 4, counts[1], bound);
        Assert.Equal(Draws / 8, counts[2], bound);
        Assert.Equal(Draws / 8, counts[3], bound);
    }

    [Fact]
    public void Choose_Hidden_FeedsTheStateAsItIs()
    {
        IStrategyRun run = new HiddenState().Start(Context());
        NextInput next = new(Width);
        run.Choose(new StepInput(s_logits, [1.5f, -2f, 0.25f]), next);
        Assert.Equal((InputKind.Hidden, -1), (next.Kind, next.Token));
        Assert.Equal([1.5f, -2f, 0.25f], next.Vector.ToArray());
        Assert.Equal(s_entropy, next.Concept.Entropy, 1e-6);
    }

    [Fact]
    public void Start_HiddenOfAnotherWidth_IsInputError()
    {
        StrategyContext context = new(4, VectorWidth: 8, HiddenWidth: 6, TokenMask.None(4), 0);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => new HiddenState().Start(context));
        Assert.Contains("hidden states of 6 numbers, but this model's inputs have 8; use 'soft'", refused.Message, StringComparison.Ordinal);
    }

    private static NextInput Choose(IStrategy strategy, float[] logits, params int[] never)
    {
        NextInput next = new(Width);
        strategy.Start(Context(never: never)).Choose(new StepInput(logits, default), next);
        return next;
    }

    private static StrategyContext Context(ulong seed = 0, params int[] never) =>
        new(4, Width, Width, new TokenMask(4, never), seed);
}
