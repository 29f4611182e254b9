using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary><c>switch</c>: thinks in mixtures while the entropy rises and in drawn tokens once it has fallen, block by
/// block. Training-free.</summary>
/// <remarks>
/// Source: SwiReasoning, arXiv 2510.05069. A block's reference is the entropy it began with, at temperature 1 and
/// unfiltered. Mixtures of the whole vocabulary until it falls below; then drawn tokens, for <see cref="Window"/> steps
/// at least, until it rises above. The first step of a block leans towards the marker that begins or ends a thought.
/// After <see cref="MaxSwitches"/> returns to tokens the thought ends.
/// </remarks>
public sealed record SwitchThinking : IStrategy
{
    private static readonly SwitchThinking s_default = new();

    internal static StrategyDefinition Definition { get; } = new(
        "switch",
        "mixtures of all tokens and drawn tokens in turn, as the entropy goes",
        "SwiReasoning, arXiv 2510.05069",
        settings => new SwitchThinking
        {
            Mix = settings.Mix(),
            Alpha = settings.Number("alpha", s_default.Alpha, "share of the mixture, not the start marker, when mixtures begin"),
            Beta = settings.Number("beta", s_default.Beta, "share of the mixture, not the end marker, when tokens begin"),
            Window = settings.WholeNumber("window", s_default.Window, "fewest steps in tokens before mixtures may begin again"),
            MaxSwitches = settings.WholeNumber("maxSwitches", s_default.MaxSwitches, "returns to tokens that end the thought; 0 for no end"),
        });

    /// <summary>Temperature and filters of the drawn tokens.</summary>
    public MixOptions Mix { get; init; } = new();

    /// <summary>Share of the mixture in the first step of a block of mixtures at the beginning of the thought; it grows to
    /// 1 with the steps. The rest is the marker that begins a thought.</summary>
    /// <value>0 to 1; the default is the paper's 1.</value>
    public float Alpha { get; init; } = 1f;

    /// <summary>The same for the first step of a block of tokens and the marker that ends a thought.</summary>
    /// <value>0 to 1; the default is the paper's .7.</value>
    public float Beta { get; init; } = 0.7f;

    /// <summary>Fewest steps of a block of tokens.</summary>
    /// <value>0 or more; the default is the paper's 512.</value>
    public int Window { get; init; } = 512;

    /// <summary>Returns to tokens after which the thought ends; 0 for never.</summary>
    /// <value>0 or more; the default is the paper's 2.</value>
    public int MaxSwitches { get; init; } = 2;

    /// <inheritdoc/>
    public string Name => "switch";

    /// <inheritdoc/>
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = Mix.ToJson();
            settings["alpha"] = Alpha;
            settings["beta"] = Beta;
            settings["window"] = Window;
            settings["maxSwitches"] = MaxSwitches;
            return settings;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindProblems() => Checks.Find(
        Mix,
        Checks.Within(nameof(Alpha), Alpha, 0, 1),
        Checks.Within(nameof(Beta), Beta, 0, 1),
        Checks.Within(nameof(Window), Window, 0, int.MaxValue),
        Checks.Within(nameof(MaxSwitches), MaxSwitches, 0, int.MaxValue));

    /// <inheritdoc/>
    public IStrategyRun Start(StrategyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Run(context, this);
    }

    /// <summary>Which mode comes next, from the entropies alone.</summary>
    internal struct Modes(int window)
    {
        private int _stay;

        /// <summary>The entropy that the block began with; NaN before the first step.</summary>
        public double Reference { get; private set; } = double.NaN;

        /// <summary>Whether mixtures are fed.</summary>
        public bool IsSoft { get; private set; } = true;

        /// <summary>Returns to tokens so far.</summary>
        public int Returns { get; private set; }

        /// <summary>Sees the entropy of one more step; says whether the mode changed with it.</summary>
        public bool Next(double entropy)
        {
            if (double.IsNaN(Reference))
            {
                Reference = entropy;
                return false;
            }

            _stay++;
            bool changes = IsSoft ? entropy < Reference : entropy > Reference && _stay >= window;
            if (changes)
            {
                (IsSoft, Reference, _stay) = (!IsSoft, entropy, 0);
                Returns += IsSoft ? 0 : 1;
            }

            return changes;
        }
    }

    private sealed class Run(StrategyContext context, SwitchThinking rule) : IStrategyRun
    {
        private static readonly MixOptions s_measure = new() { MaxTopK = 1 };

        private readonly WholeMixture _mixture = new(context);
        private readonly ConceptMixer _drawing = new(TokenMask.None(context.VocabularySize));
        private readonly ConceptToken _measured = new();
        private RandomStream _random = new(context.Seed);
        private Modes _modes = new(rule.Window);
        private int _step;

        public void Choose(in StepInput input, NextInput next)
        {
            _drawing.Mix(input.Logits, s_measure, _measured);
            if (_modes.Returns == rule.MaxSwitches && rule.MaxSwitches > 0)
            {
                _drawing.Mix(input.Logits, rule.Mix, next.Concept); // for what a trace tells of the step
                next.Concept.SetMeasures(_measured.Entropy, _measured.Top, _measured.TopProbability);
                next.End();
                return;
            }

            bool changes = _modes.Next(_measured.Entropy);
            if (_modes.IsSoft || changes)
            {
                (IReadOnlyList<int> marker, float least) =
                    _modes.IsSoft ? (context.ThinkStart, rule.Alpha) : (context.ThinkEnd, rule.Beta);
                double own = least + (1 - least) * Math.Min(1, (double)_step / context.MaxSteps);
                _mixture.Feed(input.Logits, next, marker, changes ? 1 - own : 0);
            }
            else
            {
                int drawn = _drawing.Sample(input.Logits, rule.Mix, ref _random, next.Concept);
                next.Concept.SetMeasures(_measured.Entropy, _measured.Top, _measured.TopProbability);
                next.FeedToken(drawn);
            }

            _step++;
        }
    }
}
