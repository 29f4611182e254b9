using System.Globalization;
using Spectre.Console;

namespace GgufConcepts.Cli.Output;

/// <summary>Standard output for people.</summary>
internal static class Terminal
{
    /// <summary>Columns a token may take in a list: some are a line of sixty blanks.</summary>
    public const int TokenWidth = 40;

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

    /// <summary>Columns that a plain table of so many columns needs besides their contents.</summary>
    public static int Overhead(int columns) => (2 * columns) + 1;

    /// <summary>A plain table: a rule under the headings, no frame.</summary>
    public static Table NewTable(params string[] headings)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold)))
            {
                Padding = new Padding(0, 0, 1, 0),
                NoWrap = true,
            });
        }

        return table;
    }

    /// <summary>Prints a table; in a file or a pipe without the blanks that fill its lines up.</summary>
    public static void Print(IAnsiConsole console, Table table)
    {
        if (console.Profile.Out.IsTerminal)
        {
            console.Write(table);
            return;
        }

        using StringWriter text = new(CultureInfo.InvariantCulture);
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        plain.Profile.Width = console.Profile.Width;
        plain.Write(table);
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            console.Profile.Out.Writer.WriteLine(line);
        }
    }
}
