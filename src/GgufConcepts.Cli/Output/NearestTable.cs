using System.Globalization;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>Tokens near a vector, for people.</summary>
internal static class NearestTable
{
    public static void Write(IAnsiConsole console, IReadOnlyList<TraceNearest> nearest)
    {
        Table table = Terminal.NewTable("cosine", "", "token", "id");
        foreach (TraceNearest token in nearest)
        {
            table.AddRow(
                new Text(token.Cosine.ToString("F3", CultureInfo.InvariantCulture)).RightJustified(),
                new Text(TraceTable.Bar(token.Cosine), new Style(Color.Yellow)),
                new Text(Visible.Cut(Visible.Token(token.Text), Terminal.TokenWidth)),
                new Text(token.Id.ToString(CultureInfo.InvariantCulture)).RightJustified());
        }

        Terminal.Print(console, table);
    }
}
