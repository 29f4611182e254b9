using System.Globalization;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary><c>mnns</c>: put + or - before each of four digits so that the sum is the smallest that is not
/// negative.</summary>
/// <remarks>Source: CoT2, arXiv 2505.23648, whose figures stand beside ours. Asked are the sequences whose digits, in
/// whatever order, were never seen in training.</remarks>
public sealed class MnnsTask : EvalTask
{
    private const int Digits = 4;
    private const int LargestDigit = 9;

    private static readonly int[] s_tops = [2, 4, 8, 16];
    private static readonly EvalStrategy s_full = new("full", new FullMixture());

    private static readonly Dictionary<(string Model, string Strategy), double> s_published = new()
    {
        [("mnns-continuous", s_full.Label)] = 0.989,
        [("mnns-discrete", EvalStrategy.Greedy.Label)] = 0.849,
        [("mnns-continuous-small", s_full.Label)] = 0.886,
        [("mnns-discrete-small", EvalStrategy.Greedy.Label)] = 0.398,
    };

    /// <inheritdoc/>
    public override string Name => "mnns";

    /// <inheritdoc/>
    public override string Description => "signs for four digits: the smallest sum that is not negative (CoT2, arXiv 2505.23648)";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Models { get; } =
        ["mnns-continuous", "mnns-discrete", "mnns-continuous-small", "mnns-discrete-small"];

    /// <inheritdoc/>
    private protected override string Word => $"S-{Digits * LargestDigit}";

    /// <inheritdoc/>
    private protected override IEnumerable<EvalRow> Ask(
        ConceptModel model, EvalOptions options, IProgress<EvalProgress>? progress, CancellationToken cancellation)
    {
        int[][] asked = [.. HeldOut().Take(options.Limit ?? int.MaxValue)];
        string end = PromptEnd.Of(model);
        string name = Path.GetFileNameWithoutExtension(model.Info.Path);
        IReadOnlyList<EvalStrategy> ladder = options.Strategies.Count > 0 ? options.Strategies : Ladder();
        return ladder.Select(rung => Row(rung.Label, rung.Rule));

        EvalRow Row(string label, IStrategy strategy)
        {
            using ConceptSession session = model.CreateSession();
            return Tally.Count(
                "held-out sequences", label, asked, Answer, progress,
                published: s_published.TryGetValue((name, label), out double figure) ? figure : null);

            (double, IReadOnlyList<ConceptStep>) Answer(int[] digits, int item)
            {
                ThinkOptions think = options.Bare(strategy, Digits - 1, item) with { AnswerTokens = 1 }; // the likeliest
                Thought thought = Thought.Of(session.Think($"{Prompt(digits)} {end}", think, cancellation));
                bool right = thought.Steps.Count == Digits - 1 && thought.Answer is [string word]
                    && word == $"S{Smallest(digits)}";
                return (right ? 1 : 0, thought.Steps);
            }
        }
    }

    /// <summary>The smallest sum of signed digits that is not negative.</summary>
    internal static int Smallest(ReadOnlySpan<int> digits)
    {
        int smallest = int.MaxValue;
        for (int signs = 0; signs < 1 << digits.Length; signs++)
        {
            int sum = 0;
            for (int i = 0; i < digits.Length; i++)
            {
                sum += ((signs >> i) & 1) == 0 ? digits[i] : -digits[i];
            }

            smallest = sum >= 0 ? Math.Min(smallest, sum) : smallest;
        }

        return smallest;
    }

    /// <summary>Every order of the digits that training never saw.</summary>
    internal static IEnumerable<int[]> HeldOut()
    {
        HashSet<string> sets =
            [.. TaskFile.Read("mnns.json", TaskFiles.Default.MnnsSplit).HeldOut.SelectMany(line => line.Split(' '))];
        return from a in Digit() from b in Digit() from c in Digit() from d in Digit()
               let digits = (int[])[a, b, c, d]
               where sets.Contains(string.Concat(digits.Order()))
               select digits;

        static IEnumerable<int> Digit() => Enumerable.Range(1, LargestDigit);
    }

    private static string Prompt(int[] digits) => string.Create(
        CultureInfo.InvariantCulture, $"<BOS> D{digits[0]} D{digits[1]} D{digits[2]} D{digits[3]}");

    /// <summary>From the likeliest token alone to the whole distribution.</summary>
    private static IReadOnlyList<EvalStrategy> Ladder() =>
    [
        EvalStrategy.Greedy,
        .. s_tops.Select(count => new EvalStrategy(
            $"soft, top {count}", new SoftThinking { Mix = new MixOptions { MaxTopK = count } })),
        s_full,
    ];
}

/// <summary>The form of <c>mnns.json</c>: digits in ascending order, each such set standing for all its
/// orders.</summary>
internal sealed record MnnsSplit(IReadOnlyList<string> Training, IReadOnlyList<string> HeldOut);
