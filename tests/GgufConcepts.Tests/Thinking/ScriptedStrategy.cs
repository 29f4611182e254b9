using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Thinking;

/// <summary>A rule from outside the library: it follows a script instead of the model.</summary>
/// <param name="script">For every step the token to be sure of, or <see cref="Unsure"/>; the last one repeats.</param>
internal sealed class ScriptedStrategy(params int[] script) : IStrategy
{
    /// <summary>A step that finds all tokens equally likely.</summary>
    public const int Unsure = -1;

    public string Name => "scripted";

    public bool FeedsVectors => true;

    public bool NeedsHidden { get; init; }

    /// <summary>What each step was shown of the hidden state.</summary>
    public List<float[]> HiddenSeen { get; } = [];

    public JsonObject Settings => new() { ["script"] = string.Join(' ', script) };

    public string? Problem { get; init; }

    /// <summary>Called in the middle of every step, between two looks at the logits.</summary>
    public Action? MidStep { get; init; }

    public IReadOnlyList<string> FindProblems() => Problem is null ? [] : [Problem];

    public IStrategyRun Start(StrategyContext context) => new Run(this, script, context);

    private sealed class Run(ScriptedStrategy strategy, int[] script, StrategyContext context) : IStrategyRun
    {
        private readonly ConceptMixer _mixer = new(context.NeverMixed);
        private int _step;

        public void Choose(in StepInput input, NextInput next)
        {
            Assert.Equal(context.VocabularySize, input.Logits.Length);
            strategy.HiddenSeen.Add(input.Hidden.ToArray());
            strategy.MidStep?.Invoke();
            float[] logits = new float[context.VocabularySize];
            int sure = script[Math.Min(_step++, script.Length - 1)];
            if (sure >= 0)
            {
                logits[sure] = 30;
            }

            _mixer.Mix(logits, new MixOptions { MaxTopK = 3 }, next.Concept);
            next.FeedConcept();
        }
    }
}
