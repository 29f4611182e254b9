using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models</c>: what concerns model files rather than thoughts.</summary>
internal sealed class ModelsCommand : Command
{
    public ModelsCommand()
        : base("models", "List the models that travel along; make model files.")
    {
        Subcommands.Add(new ListCommand());
        Subcommands.Add(new ModelsMakeCommand());
    }

    /// <summary><c>models list</c>: what <c>--model</c> knows by name.</summary>
    private sealed class ListCommand : Command
    {
        private readonly Option<bool> _json = CommonOptions.Json();

        public ListCommand()
            : base("list", "List the models that --model knows by name; the first is the default.")
        {
            Options.Add(_json);
            SetAction(Run);
        }

        private int Run(ParseResult parse)
        {
            IReadOnlyList<CatalogEntry> entries = ModelCatalog.Find().Entries;
            if (parse.GetValue(_json))
            {
                Console.Out.WriteLine(Documents.Write(new ModelsDocument(entries)));
                return ExitCodes.Done;
            }

            Table table = Terminal.NewTable("name", "size", "what it is");
            foreach (CatalogEntry entry in entries)
            {
                string where = entry.Url is null ? "" : $" To download: {entry.Url}";
                table.AddRow(
                    new Text(entry.Name), new Text(Size(entry.Bytes)).RightJustified(), new Text(entry.Description + where));
            }

            table.Columns[2].NoWrap = false;

            Terminal.Print(Terminal.Create(), table);
            return ExitCodes.Done;
        }
    }

    private static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
    };
}
