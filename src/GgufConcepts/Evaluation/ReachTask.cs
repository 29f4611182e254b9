using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary><c>reach</c>: one-way roads, two candidates, a start; which candidate can be reached?</summary>
/// <remarks>In the manner of ProsQA (Coconut, arXiv 2412.06769). A model thinks in hidden states between two markers,
/// in words, or not at all; by the end of its prompt it says which.</remarks>
public sealed class ReachTask : IEvalTask
{
    private const string Latent = "<latent>";
    private const string LatentEnd = "</latent>";
    private const string Arrow = "->";
    private const int Latents = 4; // as many as the longest way has roads
    private const int MostWords = 8; // of a way, an arrow and an answer

    /// <inheritdoc/>
    public string Name => "reach";

    /// <inheritdoc/>
    public string Description => "which of two places can be reached by one-way roads (after ProsQA; Coconut, arXiv 2412.06769)";

    /// <inheritdoc/>
    public IReadOnlyList<string> Models { get; } = ["reach-latent", "reach-chain", "reach-none"];

    /// <inheritdoc/>
    public IEnumerable<EvalRow> Run(
        ConceptModel model,
        EvalOptions options,
        IProgress<EvalProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ReachProblem[] problems =
            [.. TaskFile.Read("reach.json", TaskFiles.Default.ReachProblems).Problems.Take(options.Limit ?? int.MaxValue)];
        TaskFile.RequireToken(model, problems[0].Answer, this);
        string end = PromptEnd.Of(model);
        return end == Latent
            ? InVectors(options).Select(rung => Row(rung.Label, rung.Think, thought => thought.Answer))
            : InWords(options).Select(rung => Row(rung.Label, rung.Think, thought => thought.Words));

        EvalRow Row(string label, ThinkOptions think, Func<Thought, string> words)
        {
            using ConceptSession session = model.CreateSession();
            return Tally.Count("held-out maps", label, problems, Answer, progress);

            (double, IReadOnlyList<ConceptStep>) Answer(ReachProblem problem)
            {
                Thought thought = Thought.Of(session.Think($"{problem.Prompt} {end}", think, cancellation));
                ConceptStep[] steps = [.. thought.Steps.Where(step => step.Chosen?.Text != LatentEnd)];
                return (AfterArrow(words(thought)) == problem.Answer ? 1 : 0, steps);
            }
        }
    }

    /// <summary>The word after the arrow; all words where there is none.</summary>
    private static string AfterArrow(string words) => words.Split(Arrow)[^1].Trim();

    private static IEnumerable<(string Label, ThinkOptions Think)> InVectors(EvalOptions options)
    {
        if (options.Strategy is { } only)
        {
            return [Rung(only, Latents)];
        }

        return
        [
            .. Enumerable.Range(0, Latents + 1).Reverse().Select(count => Rung(new HiddenState(), count)),
            Rung(new SoftThinking(), Latents),
            Rung(new TokenDecoding { Greedy = true }, Latents),
        ];

        (string, ThinkOptions) Rung(IStrategy strategy, int count) => ($"{strategy.Name} x {count}", Bare(options) with
        {
            Strategy = strategy,
            MaxSteps = count + 1, // in the place of the last one the marker is fed
            EndMarker = LatentEnd,
            AnswerTokens = MostWords,
        });
    }

    private static IEnumerable<(string Label, ThinkOptions Think)> InWords(EvalOptions options)
    {
        IStrategy strategy = options.Strategy ?? new TokenDecoding { Greedy = true };
        return [(strategy.Name, Bare(options) with { Strategy = strategy, MaxSteps = MostWords, AnswerTokens = 0 })];
    }

    private static ThinkOptions Bare(EvalOptions options) =>
        new() { ColdStop = new ColdStop { Entropy = 0 }, Reader = null, EndMarker = "", Seed = options.Seed };
}

/// <summary>The form of <c>reach.json</c>.</summary>
internal sealed record ReachProblems(IReadOnlyList<ReachProblem> Problems);

/// <summary>One map.</summary>
/// <param name="Prompt">Roads, candidates and start, without what a model wants at the end.</param>
/// <param name="Answer">The candidate that can be reached.</param>
/// <param name="Wrong">The other one.</param>
/// <param name="Hops">Roads on the way.</param>
internal sealed record ReachProblem(string Prompt, string Answer, string Wrong, int Hops);
