using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary><c>reach</c>: one-way roads, two candidates, a start; which candidate can be reached?</summary>
/// <remarks>In the manner of ProsQA (Coconut, arXiv 2412.06769). A model thinks in hidden states between two markers,
/// in words, or not at all; by the end of its prompt it says which.</remarks>
public sealed class ReachTask : EvalTask
{
    private const string Latent = "<latent>";
    private const string LatentEnd = "</latent>";
    private const string Arrow = "->";
    private const int Latents = 4; // as many as the longest way has roads
    private const int MostWords = 8; // of a way, an arrow and an answer

    /// <inheritdoc/>
    public override string Name => "reach";

    /// <inheritdoc/>
    public override string Description => "which of two places can be reached by one-way roads (after ProsQA; Coconut, arXiv 2412.06769)";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Models { get; } = ["reach-latent", "reach-chain", "reach-none"];

    /// <inheritdoc/>
    private protected override string Word => LatentEnd;

    /// <inheritdoc/>
    private protected override IEnumerable<EvalRow> Ask(
        ConceptModel model, EvalOptions options, IProgress<EvalProgress>? progress, CancellationToken cancellation)
    {
        ReachProblem[] problems =
            [.. TaskFile.Read("reach.json", TaskFiles.Default.ReachProblems).Problems.Take(options.Limit ?? int.MaxValue)];
        string end = PromptEnd.Of(model);
        bool inVectors = end == Latent;
        return Rungs(options.Strategies, inVectors).Select(Row);

        EvalRow Row(Rung rung)
        {
            using ConceptSession session = model.CreateSession();
            return Tally.Count("held-out maps", rung.Label, problems, Answer, progress);

            (double, IReadOnlyList<ConceptStep>) Answer(ReachProblem problem, int item)
            {
                if (rung.MaxSteps == 0) // both markers, with nothing between them
                {
                    string prompt = $"{problem.Prompt} {end} {LatentEnd}";
                    ThinkOptions words = options.Bare(EvalStrategy.Greedy.Rule, MostWords, item);
                    return (Right(Thought.Of(session.Think(prompt, words, cancellation)).Words), []);
                }

                ThinkOptions think = options.Bare(rung.Strategy, rung.MaxSteps, item);
                if (inVectors)
                {
                    think = think with { ThinkEnd = LatentEnd, AnswerTokens = MostWords };
                }

                Thought thought = Thought.Of(session.Think($"{problem.Prompt} {end}", think, cancellation));
                ConceptStep[] steps = [.. thought.Steps.Where(step => !step.IsMarker)];
                bool silent = rung.Strategy.NeedsHidden; // what a hidden state might say is no word of the answer
                IEnumerable<string> said = [.. silent ? [] : steps.Select(Thought.Word), .. thought.Answer];
                return (Right([.. said]), steps);

                double Right(IReadOnlyList<string> answer) => AfterArrow([.. answer]) == problem.Answer ? 1 : 0;
            }
        }
    }

    /// <summary>The word after the first arrow, which may be said twice; the first word where there is none.</summary>
    private static string? AfterArrow(string[] words) =>
        words.SkipWhile(word => word != Arrow).SkipWhile(word => word == Arrow).Concat(words).FirstOrDefault();

    private static IEnumerable<Rung> Rungs(IReadOnlyList<EvalStrategy> asked, bool inVectors)
    {
        if (!inVectors)
        {
            IReadOnlyList<EvalStrategy> strategies = asked.Count > 0 ? asked : [EvalStrategy.Greedy];
            return strategies.Select(strategy => new Rung(strategy.Label, strategy.Rule, MostWords));
        }

        IEnumerable<(EvalStrategy Strategy, int Count)> rungs = asked.Count > 0
            ? asked.Select(strategy => (strategy, Latents))
            :
            [
                .. Enumerable.Range(0, Latents + 1).Reverse().Select(
                    count => (new EvalStrategy("hidden", new HiddenState()), count)),
                (new EvalStrategy("soft", new SoftThinking()), Latents),
                (EvalStrategy.Greedy, Latents),
            ];
        return rungs.Select(rung => new Rung($"{rung.Strategy.Label} x {rung.Count}", rung.Strategy.Rule, rung.Count));
    }

    /// <summary>What is measured: a strategy, and how many steps of it.</summary>
    private sealed record Rung(string Label, IStrategy Strategy, int MaxSteps);
}

/// <summary>The form of <c>reach.json</c>.</summary>
internal sealed record ReachProblems(IReadOnlyList<ReachProblem> Problems);

/// <summary>One map.</summary>
/// <param name="Prompt">Roads, candidates and start, without what a model wants at the end.</param>
/// <param name="Answer">The candidate that can be reached.</param>
/// <param name="Wrong">The other one.</param>
/// <param name="Hops">Roads on the way.</param>
internal sealed record ReachProblem(string Prompt, string Answer, string Wrong, int Hops);
