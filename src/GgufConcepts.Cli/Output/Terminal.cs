using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>Standard output for people.</summary>
internal static class Terminal
{
    private const int WidthOfFiles = 120;

    /// <summary>A console of the terminal's width, or 120 columns where the output goes to a file or a pipe.</summary>
    public static IAnsiConsole Create()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfFiles;
        }

        return console;
    }

    /// <summary>A plain table: a rule under the headings, no frame.</summary>
    public static Table NewTable(params string[] headings)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))));
        }

        return table;
    }
}
