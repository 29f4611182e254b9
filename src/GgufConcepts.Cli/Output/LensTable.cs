using System.Globalization;
using GgufConcepts.Lens;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace GgufConcepts.Cli.Output;

/// <summary>What a lens saw, for people: a table a position, its layers from the input down; runs side by
/// side.</summary>
internal static class LensTable
{
    private const int OneTokenWidth = 20;
    private const int BarWidth = 8;
    private const int MixtureShown = 3;

    /// <summary>Prints all of it.</summary>
    public static void Write(IAnsiConsole console, LensReading reading)
    {
        foreach (LensPosition position in reading.Prompt)
        {
            TraceTable.WriteField(console, $"position {position.Position}", $"the prompt's {Token(position.Token!.Value)}{Goal(reading, position)}");
            WriteOne(console, reading, position);
        }

        foreach (IGrouping<int, (LensRun Run, LensPosition At)> step in reading.Runs
            .SelectMany(run => run.Positions.Select(at => (Run: run, At: at)))
            .GroupBy(pair => pair.At.Position)
            .OrderBy(group => group.Key))
        {
            (LensRun Run, LensPosition At)[] beside = [.. step];
            foreach ((LensRun run, LensPosition at) in beside)
            {
                TraceTable.WriteField(
                    console, $"position {step.Key}, {run.Strategy}", $"step {at.Step} fed {Fed(at)}{Goal(reading, at)}");
            }

            if (beside.Length == 1)
            {
                WriteOne(console, reading, beside[0].At);
            }
            else
            {
                WriteBeside(console, reading, beside);
            }
        }

        WriteEntropies(console, reading);
        TraceTable.WriteField(console, "last layer", string.Create(
            CultureInfo.InvariantCulture,
            $"equals the model's own distribution to {reading.LargestDifference:G2} in every probability"));
    }

    private static void WriteOne(IAnsiConsole console, LensReading reading, LensPosition position)
    {
        double largest = Math.Max(1, position.Layers.Max(layer => layer.Entropy));
        string[] places = [.. position.Layers.Select(Place)];
        string heading = $"place of {Token(reading.Target ?? position.Choice)}";
        int taken = "layer".Length + "entropy (nats)".Length + Width(heading, places) + Terminal.Overhead(4);
        Table table = Terminal.NewTable("layer", "entropy (nats)", heading, "likeliest tokens and their probabilities");
        for (int i = 0; i < places.Length; i++)
        {
            LensLayer layer = position.Layers[i];
            table.AddRow(
                new Text(Name(layer)).RightJustified(),
                Entropy(layer.Entropy, largest),
                new Text(places[i]).RightJustified(),
                new Text(Visible.Fit(Tokens(layer), console.Profile.Width - taken)));
        }

        Terminal.Print(console, table);
    }

    private static void WriteBeside(IAnsiConsole console, LensReading reading, (LensRun Run, LensPosition At)[] beside)
    {
        List<string> headings = ["layer"];
        int taken = "layer".Length + Terminal.Overhead(1 + (3 * beside.Length));
        foreach ((LensRun run, LensPosition at) in beside)
        {
            headings.AddRange(["nats", "place", $"{run.Strategy}: likeliest"]);
            taken += Width("nats", at.Layers.Select(Nats)) + Width("place", at.Layers.Select(Place));
        }

        int width = (console.Profile.Width - taken) / beside.Length;
        Table table = Terminal.NewTable([.. headings.Select(heading => Visible.Cut(heading, Math.Max(width, OneTokenWidth / 2)))]);
        for (int i = 0; i < beside[0].At.Layers.Count; i++)
        {
            List<IRenderable> cells = [new Text(Name(beside[0].At.Layers[i])).RightJustified()];
            foreach ((_, LensPosition at) in beside)
            {
                LensLayer layer = at.Layers[i];
                cells.Add(new Text(Nats(layer), new Style(Color.Yellow)).RightJustified());
                cells.Add(new Text(Place(layer)).RightJustified());
                cells.Add(new Text(Visible.Fit(Tokens(layer), width)));
            }

            table.AddRow(cells);
        }

        Terminal.Print(console, table);
    }

    /// <summary>The mean entropy of each layer, where there is more than one position to take it of.</summary>
    private static void WriteEntropies(IAnsiConsole console, LensReading reading)
    {
        (string Name, IReadOnlyList<LensPosition> Positions)[] groups =
        [
            .. new[] { ("prompt", reading.Prompt) }.Concat(reading.Runs.Select(run => (run.Strategy, run.Positions)))
                .Where(group => group.Item2.Count > 0),
        ];
        if (groups.Sum(group => group.Positions.Count) < 2)
        {
            return;
        }

        IReadOnlyList<LensLayer> layers = groups[0].Positions[0].Layers;
        double[][] means = [.. groups.Select(group => Enumerable.Range(0, layers.Count)
            .Select(i => group.Positions.Average(position => position.Layers[i].Entropy)).ToArray())];
        double largest = Math.Max(1, means.Max(column => column.Max()));
        TraceTable.WriteField(console, "entropy by layer", "mean of the positions above, in nats");
        Table table = Terminal.NewTable(["layer", .. groups.Select(group => $"{group.Name} ({group.Positions.Count})")]);
        for (int i = 0; i < layers.Count; i++)
        {
            table.AddRow([new Text(Name(layers[i])).RightJustified(), .. means.Select(column => Entropy(column[i], largest))]);
        }

        Terminal.Print(console, table);
    }

    private static Paragraph Entropy(double entropy, double largest) =>
        new Paragraph($"{Number(entropy, "F3").PadLeft(BarWidth - 2)} ")
            .Append(TraceTable.Bar(entropy / largest), new Style(Color.Yellow));

    private static string Name(LensLayer layer) =>
        layer.Layer == 0 ? "input" : layer.Layer.ToString(CultureInfo.InvariantCulture);

    private static string Nats(LensLayer layer) => Number(layer.Entropy, "F2");

    private static string Place(LensLayer layer)
    {
        LensRank place = layer.Target ?? layer.Choice;
        return string.Create(CultureInfo.InvariantCulture, $"#{place.Rank} {Visible.Share(place.Probability)}");
    }

    private static string[] Tokens(LensLayer layer) => [.. layer.Tokens.Select(Weight)];

    private static string Weight(TokenWeight token) =>
        $"{Visible.Cut(Visible.Token(token.Text), OneTokenWidth)} {Visible.Share(token.Probability)}";

    private static string Token(TokenText token) => Visible.Cut(Visible.Token(token.Text), OneTokenWidth);

    private static string Fed(LensPosition at) => at.Token is { } token
        ? Token(token)
        : (at.Kind == InputKind.Hidden ? "a hidden state near " : "") + string.Join("  ", at.Mixture.Take(MixtureShown).Select(Weight));

    private static string Goal(LensReading reading, LensPosition at) =>
        $"; next comes {Token(at.Choice)}{(reading.Target is { } target ? $", followed is {Token(target)}" : "")}";

    private static int Width(string heading, IEnumerable<string> cells) =>
        Math.Max(heading.GetCellWidth(), cells.Max(cell => cell.GetCellWidth()));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
