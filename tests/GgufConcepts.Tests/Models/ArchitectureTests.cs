using System.Globalization;
using System.Text.RegularExpressions;
using GgufConcepts.Decoding;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

/// <summary>The page about architectures says what a tiny model of each does. A row that fails says how it should
/// begin: the page is remade from these messages.</summary>
public sealed partial class ArchitectureTests
{
    private const string Prompt = "The capital of France is";

    private static readonly string[] s_page =
        File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Readme", "architectures.md"));

    public static TheoryData<TinyArchitecture> Architectures => [.. Enum.GetValues<TinyArchitecture>()];

    public static TheoryData<TinyArchitecture> Refused => [.. TinyDesigns.Refused];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Architectures))]
    public void Page_EveryArchitecture_HasTheMeasuredRow(TinyArchitecture kind)
    {
        string row = Measure(kind);
        Assert.True(
            s_page.Any(line => line.StartsWith(row, StringComparison.Ordinal)),
            $"docs/architectures.md has no row that begins like this:\n{row}");
    }

    [Theory, MemberData(nameof(Refused))]
    public void Page_EveryRefusal_QuotesTheMessage(TinyArchitecture kind)
    {
        string message = Refusal(() =>
        {
            using ConceptModel model = Load(kind);
            Think(model, new SoftThinking());
        })!;
        message = message.Replace(TinyModels.Path(kind), "model.gguf", StringComparison.Ordinal);
        Assert.True(
            s_page.Any(line => Numbers().Replace(line, "N") == Numbers().Replace(message, "N")),
            $"docs/architectures.md does not quote this:\n{message}");
    }

    [Fact]
    public void Page_EveryRow_IsOfATinyModel()
    {
        string[] known = [.. Enum.GetValues<TinyArchitecture>().Select(kind => $"| {Label(TinyDesigns.Of(kind))} |")];
        Assert.All(
            s_page.Where(line => line.StartsWith("| `", StringComparison.Ordinal)),
            line => Assert.Contains(known, label => line.StartsWith(label, StringComparison.Ordinal)));
    }

    /// <summary>The columns of a row but the last, which is for people.</summary>
    private static string Measure(TinyArchitecture kind)
    {
        string label = Label(TinyDesigns.Of(kind));
        if (Refusal(() => Load(kind).Dispose()) is not null)
        {
            return $"| {label} | refused at load | - | no | no | no | no |";
        }

        using ConceptModel model = Load(kind);
        string soft = Answer(() => Think(model, new SoftThinking()));
        string hidden = Answer(() => Think(model, new HiddenState()));
        string lens = Answer(() => Look(model));
        string rewinds = Rewinds(model) ? "yes" : "no";
        return $"| {label} | {Vectors(kind, model.Parity)} | {soft} | {hidden} | {lens} | {rewinds} |";
    }

    private static string Vectors(TinyArchitecture kind, Parity parity)
    {
        string difference = parity.LargestDifference.ToString("G2", CultureInfo.InvariantCulture);
        string factor = parity.InputScale.ToString("G6", CultureInfo.InvariantCulture);
        string scale = parity.InputScale == 1 ? "" : $" with scale {factor}";
        switch (parity.Verdict)
        {
            case ParityVerdict.Exact or ParityVerdict.Close:
                return $"works{scale} | {difference}";
            case ParityVerdict.Refused:
                return "refused | -";
            default:
                using (ConceptModel model = Load(kind, allowApproximate: true))
                {
                    Think(model, new SoftThinking());
                }

                double spreads = parity.LargestDifference / parity.LogitSpread;
                return string.Create(CultureInfo.InvariantCulture, $"approximate{scale} | {spreads:G1} spreads");
        }
    }

    private static bool Rewinds(ConceptModel model)
    {
        using ConceptSession session = model.CreateSession();
        session.Decoder.Feed(0, [40, 50, 60, 70, 80], Outputs.None, Token);
        bool rewinds = session.Decoder.TryRewind(0, 3);
        Assert.Equal(rewinds ? 3 : 5, session.Decoder.Position(0));
        return rewinds;
    }

    private static void Think(ConceptModel model, IStrategy strategy)
    {
        ThinkOptions options = new()
        {
            Strategy = strategy, MaxSteps = 4, AnswerTokens = 2, ColdStop = new ColdStop { Entropy = 0 },
        };
        using ConceptSession session = model.CreateSession();
        ConceptStep[] steps = [.. session.Think(Prompt, options, Token).OfType<ConceptStep>()];
        Assert.InRange(steps.Length, 2, 4); // the first follows the prompt, those after it a vector
        Assert.All(steps, step => Assert.InRange(step.Entropy, 0, Math.Log(model.Info.VocabularySize) - 0.1));
    }

    private static void Look(ConceptModel model)
    {
        using LogitLens lens = new(model);
        lens.Look(Prompt, new LensOptions { Strategies = [] }, cancellation: Token);
    }

    private static ConceptModel Load(TinyArchitecture kind, bool allowApproximate = false)
    {
        ModelOptions options = new() { GpuLayers = 0, Threads = 1, AllowApproximate = allowApproximate };
        return ConceptModel.LoadAsync(TinyModels.Path(kind), options, cancellation: Token).GetAwaiter().GetResult();
    }

    private static string Answer(Action action) => Refusal(action) is null ? "yes" : "no";

    private static string? Refusal(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (ConceptInputException refused)
        {
            return refused.Message;
        }
    }

    private static string Label(TinyDesign design) =>
        design.Variant is null ? $"`{design.Name}`" : $"`{design.Name}` with `{design.Variant}`";

    [GeneratedRegex("[0-9][0-9.]*[0-9]|[0-9]")]
    private static partial Regex Numbers();
}
