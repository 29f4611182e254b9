using System.Globalization;
using GgufConcepts.Tracing;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GgufConcepts.Cli.Output;

/// <summary>A trace for people: a line a step, the reader's words, the answer.</summary>
internal static class TraceTable
{
    private const string TokensHeading = "tokens and their weights";
    private const string NearestHeading = "nearest by cosine";
    private const int TokensShown = 5;
    private const int BarWidth = 8;
    private const int FedWidth = 16;
    private const int OneTokenWidth = 24;
    private const float Telling = 0.05f; // weight from which a token counts as part of a mixture
    private const float Visibly = 0.0005f; // less shows as .000

    /// <summary>Prints the steps.</summary>
    public static void WriteSteps(IAnsiConsole console, Trace trace)
    {
        if (trace.Steps.Count == 0)
        {
            return;
        }

        double largest = Math.Max(1, trace.Steps.Max(step => step.Entropy));
        string[][] rows = [.. trace.Steps.Select(step => (string[])
        [
            step.Index.ToString(CultureInfo.InvariantCulture),
            step.Entropy.ToString("F3", CultureInfo.InvariantCulture),
            Visible.Cut(DescribeFed(step), FedWidth),
        ])];
        string[][] tokens = [.. trace.Steps.Select(step => DescribeTokens(step.Tokens))];
        string[][] nearest = [.. trace.Steps.Select(step => NearestTells(step) ? DescribeNearest(step.Nearest!) : [])];
        int entropyWidth = rows.Max(row => row[1].Length);
        int taken = Math.Max("step".Length, rows.Max(row => row[0].Length))
            + Math.Max("entropy (nats)".Length, entropyWidth + 1 + BarWidth)
            + Math.Max("fed".Length, rows.Max(row => row[2].GetCellWidth()));
        int left = console.Profile.Width - taken;
        int nearestWidth = nearest.Any(parts => parts.Length > 0)
            ? NearestWidth(left - Terminal.Overhead(5), Need(TokensHeading, tokens), Need(NearestHeading, nearest))
            : 0;
        bool anyNearest = nearestWidth > 0;
        int tokensWidth = anyNearest ? left - Terminal.Overhead(5) - nearestWidth : left - Terminal.Overhead(4);
        Table table = anyNearest
            ? Terminal.NewTable("step", "entropy (nats)", "fed", TokensHeading, NearestHeading)
            : Terminal.NewTable("step", "entropy (nats)", "fed", TokensHeading);
        for (int i = 0; i < rows.Length; i++)
        {
            List<IRenderable> cells =
            [
                new Text(rows[i][0]).RightJustified(),
                new Paragraph($"{rows[i][1].PadLeft(entropyWidth)} ")
                    .Append(Bar(trace.Steps[i].Entropy / largest), new Style(Color.Yellow)),
                new Text(rows[i][2]),
                new Text(Visible.Fit(tokens[i], tokensWidth)),
            ];
            if (anyNearest)
            {
                cells.Add(new Text(Visible.Fit(nearest[i], nearestWidth)));
            }

            table.AddRow(cells);
        }

        Terminal.Print(console, table);
    }

    /// <summary>What the nearest tokens get of the width left for both: all they need, or what the mixed ones leave,
    /// or two
    /// parts of five; nothing where the headings do not fit.</summary>
    private static int NearestWidth(int width, int tokens, int nearest) =>
        width < TokensHeading.Length + NearestHeading.Length
            ? 0
            : Math.Min(nearest, Math.Max(Math.Max(NearestHeading.Length, width * 2 / 5), width - tokens));

    private static int Need(string heading, string[][] cells) => Math.Max(
        heading.Length, cells.Max(parts => parts.Sum(part => part.GetCellWidth()) + (2 * Math.Max(0, parts.Length - 1))));

    /// <summary>The token fed, the kind of vector, or the token that was drawn for a mixture and a wave for the
    /// rest.</summary>
    private static string DescribeFed(TraceStep step) => step.Chosen is not { } chosen ? step.Kind
        : step.Kind == "token" ? Visible.Token(chosen.Text)
        : $"{Visible.Token(chosen.Text)} ~";

    private static string[] DescribeTokens(IReadOnlyList<TraceToken> tokens) =>
    [
        .. tokens.Take(TokensShown).Where((token, i) => i == 0 || token.Probability >= Visibly).Select(
            token => $"{Visible.Cut(Visible.Token(token.Text), OneTokenWidth)} {Visible.Share(token.Probability)}"),
    ];

    private static string[] DescribeNearest(IReadOnlyList<TraceNearest> nearest) =>
    [
        .. nearest.Select(token => $"{Visible.Cut(Visible.Token(token.Text), OneTokenWidth)} " +
            token.Cosine.ToString("F2", CultureInfo.InvariantCulture)),
    ];

    /// <summary>Whether the nearest tokens say more than the mixture itself: they do where those of weight are not the
    /// nearest ones, in that order. A hidden state is no mixture; its neighbours always tell something.</summary>
    internal static bool NearestTells(TraceStep step)
    {
        if (step.Nearest is not { Count: > 0 } nearest)
        {
            return false;
        }

        int[] mixed = step is { Kind: "token", Chosen: { } chosen } ? [chosen.Id]
            : step.Kind == "hidden" ? []
            : [.. step.Tokens.Where((token, i) => i == 0 || token.Probability >= Telling).Select(token => token.Id)];
        int count = Math.Min(mixed.Length, nearest.Count);
        return count == 0 || !nearest.Take(count).Select(token => token.Id).SequenceEqual(mixed.Take(count));
    }

    /// <summary>Prints what the reader made of the chunks, why the thought stopped, and the answer.</summary>
    public static void WriteWords(IAnsiConsole console, Trace trace)
    {
        foreach (TraceChunk chunk in trace.Chunks)
        {
            WriteReading(console, chunk, unit: "step");
        }

        TraceStep[] steps = [.. trace.Steps.Where(step => !step.Marker)];
        if (steps.Length > 0 && steps.All(step => step.Chosen is not null)) // a thought in words, more or less
        {
            WriteField(console, "said", string.Concat(steps.Select(step => step.Chosen!.Text)).Trim());
        }

        WriteField(console, "stopped", DescribeStop(trace));
        if (trace.Answer.Length > 0 || trace.AnswerStop is not null)
        {
            WriteField(console, "answer", trace.Answer.Trim() is { Length: > 0 } words ? words : "(no words)");
        }
    }

    /// <summary>Prints what the reader made of some steps or vectors.</summary>
    public static void WriteReading(IAnsiConsole console, TraceChunk chunk, string unit)
    {
        string range = chunk.StepCount == 1
            ? $"{unit} {chunk.FirstStep}"
            : $"{unit}s {chunk.FirstStep}-{chunk.FirstStep + chunk.StepCount - 1}";
        WriteField(console, $"read {range}", chunk.Translation.Length > 0 ? chunk.Translation : "(no words)");
        ReadingTable.WriteDetails(console, chunk);
    }

    /// <summary>Prints a name and a text; in a file or a pipe the text's lines stay as they are, however
    /// long.</summary>
    public static void WriteField(IAnsiConsole console, string name, string text)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Out.Writer.WriteLine($"{name}: {Visible.Text(text)}");
            return;
        }

        console.Write(new Paragraph($"{name}: ", new Style(decoration: Decoration.Bold)).Append(Visible.Text(text)));
        console.WriteLine();
    }

    /// <summary>A bar of at most eight cells for a fraction of 1.</summary>
    public static string Bar(double fraction)
    {
        double cells = Math.Clamp(fraction, 0, 1) * BarWidth;
        int whole = (int)cells;
        return new string('█', whole) + (cells - whole >= 0.5 ? "▌" : "");
    }

    private static string DescribeStop(Trace trace) => trace.Stop switch
    {
        "coldStop" => $"coldStop: the entropy stayed below {trace.Settings["stopEntropy"]} nats for {trace.Settings["stopPatience"]} steps",
        "endMarker" => "endMarker: the model ended its thought",
        "endOfText" => "endOfText: the model would have ended the text here",
        "maxSteps" => $"maxSteps: {trace.Steps.Count(step => !step.Marker)} steps, the limit",
        "contextFull" => "contextFull: no room for another step",
        "strategy" => $"strategy: '{trace.Strategy}' itself ended the thought",
        _ => trace.Stop,
    };
}
