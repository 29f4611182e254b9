using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>token</c>: plain decoding. Chooses one token a step, the likeliest or a sampled one, and feeds its
/// id.</summary>
/// <remarks>The control every other rule is compared with. Control tokens may be chosen, as in any decoder.</remarks>
public sealed record TokenDecoding : IStrategy
{
    internal static StrategyDefinition Definition { get; } = new(
        "token",
        "one token, drawn or the likeliest: plain decoding",
        "any decoder",
        settings => new TokenDecoding
        {
            Mix = settings.Mix(),
            Greedy = settings.Flag("greedy", "take the likeliest token instead of drawing one"),
        });

    /// <summary>Temperature and filters of the draw; <see cref="MixOptions.MaxTopK"/> tokens are shown.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Whether to take the likeliest token instead of drawing one.</summary>
    public bool Greedy { get; init; }

    /// <inheritdoc/>
    public string Name => "token";

    /// <inheritdoc/>
    public bool FeedsVectors => false;

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["greedy"] = Greedy;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(Mix);

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ConceptMixer mixer = new(TokenMask.None(context.VocabularySize));
        return Greedy ? new GreedyRun(mixer, Mix) : new SampledRun(mixer, Mix, new RandomStream(context.Seed));
    }

    private sealed class GreedyRun(ConceptMixer mixer, MixOptions mix) : IStrategyRun
    {
        public void Choose(in StepInput input, NextInput next)
        {
            mixer.Mix(input.Logits, mix, next.Concept);
            next.FeedToken(next.Concept.Top);
        }
    }

    private sealed class SampledRun(ConceptMixer mixer, MixOptions mix, RandomStream random) : IStrategyRun
    {
        private RandomStream _random = random;

        public void Choose(in StepInput input, NextInput next) =>
            next.FeedToken(mixer.Sample(input.Logits, mix, ref _random, next.Concept));
    }
}
