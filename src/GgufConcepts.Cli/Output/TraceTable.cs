using System.Globalization;
using GgufConcepts.Tracing;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GgufConcepts.Cli.Output;

/// <summary>A trace for people: a line a step, the reader's words, the answer.</summary>
internal static class TraceTable
{
    private const int TokensShown = 5;
    private const int BarWidth = 8;

    /// <summary>Prints the steps.</summary>
    public static void WriteSteps(IAnsiConsole console, Trace trace)
    {
        if (trace.Steps.Count == 0)
        {
            return;
        }

        bool nearest = trace.Steps.Any(DiffersFromNearest);
        Table table = nearest
            ? Terminal.NewTable("step", "entropy", "", "fed", "tokens and their weights", "nearest by cosine")
            : Terminal.NewTable("step", "entropy", "", "fed", "tokens and their weights");
        double largest = Math.Max(1, trace.Steps.Max(step => step.Entropy));
        foreach (TraceStep step in trace.Steps)
        {
            List<IRenderable> cells =
            [
                new Text(step.Index.ToString(CultureInfo.InvariantCulture)).RightJustified(),
                new Text(step.Entropy.ToString("F3", CultureInfo.InvariantCulture)).RightJustified(),
                new Text(Bar(step.Entropy / largest), new Style(Color.Yellow)),
                new Text(step.Chosen is { } chosen ? Visible.Token(chosen.Text) : step.Kind),
                new Text(string.Join("  ", step.Tokens.Take(TokensShown).Select(
                    token => $"{Visible.Token(token.Text)} {Visible.Share(token.Probability)}"))),
            ];
            if (nearest)
            {
                cells.Add(new Text(DiffersFromNearest(step) ? Describe(step.Nearest!) : ""));
            }

            table.AddRow(cells);
        }

        console.Write(table);
    }

    /// <summary>Prints what the reader made of the chunks, why the thought stopped, and the answer.</summary>
    public static void WriteWords(IAnsiConsole console, Trace trace)
    {
        foreach (TraceChunk chunk in trace.Chunks)
        {
            WriteReading(console, chunk, unit: "step");
        }

        WriteField(console, "stopped", DescribeStop(trace));
        if (trace.Answer.Length > 0)
        {
            WriteField(console, "answer", trace.Answer.Trim());
        }
    }

    /// <summary>Prints what the reader made of some steps or vectors.</summary>
    public static void WriteReading(IAnsiConsole console, TraceChunk chunk, string unit)
    {
        string range = chunk.StepCount == 1
            ? $"{unit} {chunk.FirstStep}"
            : $"{unit}s {chunk.FirstStep}-{chunk.FirstStep + chunk.StepCount - 1}";
        WriteField(console, $"read {range}", chunk.Translation.Length > 0 ? chunk.Translation : "(no words)");
    }

    /// <summary>Prints a name and a text.</summary>
    public static void WriteField(IAnsiConsole console, string name, string text)
    {
        console.Write(new Text($"{name}: ", new Style(decoration: Decoration.Bold)));
        console.WriteLine(Visible.Text(text));
    }

    private static bool DiffersFromNearest(TraceStep step) =>
        step.Nearest is { } nearest
        && !nearest.Select(token => token.Id).SequenceEqual(step.Tokens.Take(nearest.Count).Select(token => token.Id));

    private static string Describe(IReadOnlyList<TraceNearest> nearest) =>
        string.Join("  ", nearest.Select(
            token => $"{Visible.Token(token.Text)} {token.Cosine.ToString("F2", CultureInfo.InvariantCulture)}"));

    /// <summary>A bar of at most eight cells for a fraction of 1.</summary>
    public static string Bar(double fraction)
    {
        double cells = Math.Clamp(fraction, 0, 1) * BarWidth;
        int whole = (int)cells;
        return new string('█', whole) + (cells - whole >= 0.5 ? "▌" : "");
    }

    private static string DescribeStop(Trace trace) => trace.Stop switch
    {
        "coldStop" => $"coldStop: the entropy stayed below {trace.Settings["stopEntropy"]} for {trace.Settings["stopPatience"]} steps",
        "endMarker" => "endMarker: the model ended its thought",
        "endOfText" => "endOfText: the model would have ended the text here",
        "maxSteps" => $"maxSteps: {trace.Steps.Count} steps, the limit",
        "contextFull" => "contextFull: no room for another step",
        _ => trace.Stop,
    };
}
