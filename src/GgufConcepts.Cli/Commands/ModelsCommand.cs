using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models</c>: what concerns model files rather than thoughts.</summary>
internal sealed class ModelsCommand : Command
{
    public ModelsCommand()
        : base("models", "List the models that travel along; make model files.")
    {
        Subcommands.Add(new ListCommand());
        Subcommands.Add(new MakeCommand());
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

    /// <summary><c>models make DESCRIPTION.json --out FILE.gguf</c>: a GGUF of what a training recipe left.</summary>
    private sealed class MakeCommand : Command
    {
        private readonly Argument<string> _description = new("DESCRIPTION.json")
        {
            Description = "What a recipe of models/training wrote; the weights lie beside it.",
        };

        private readonly Option<string> _out = new("--out", "-o")
        {
            Description = "The file to write; one that is there is replaced.",
            HelpName = "FILE.gguf",
            Required = true,
        };

        private readonly Option<string?> _type = new("--type")
        {
            Description = "Store matrices in this type: F16, Q8_0, Q4_0 ... Default: as the description says.",
            HelpName = "TYPE",
        };

        private readonly Option<bool> _json = CommonOptions.Json();

        public MakeCommand()
            : base("make", "Make a GGUF of the weights that a training recipe wrote.")
        {
            Arguments.Add(_description);
            Options.Add(_out);
            Options.Add(_type);
            Options.Add(_json);
            SetAction(RunAsync);
        }

        private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
        {
            string path = parse.GetValue(_out)!;
            RecipeConverter.Convert(parse.GetValue(_description)!, path, ReadType(parse.GetValue(_type)), cancellation);
            await using FileStream file = File.OpenRead(path);
            byte[] hash = await SHA256.HashDataAsync(file, cancellation);
            MadeDocument made = new(path, file.Length, Convert.ToHexStringLower(hash));
            string bytes = made.Bytes.ToString(CultureInfo.InvariantCulture);
            await Console.Out.WriteLineAsync(
                parse.GetValue(_json) ? Documents.Write(made) : $"{made.File}  {bytes} bytes  sha256 {made.Sha256}");
            return ExitCodes.Done;
        }

        private static GgmlType? ReadType(string? name) => name is null ? null
            : Enum.GetValues<GgmlType>().Where(type => type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray()
                is [GgmlType found] ? found
            : throw new ConceptInputException($"--type is '{name}'; use F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q4_0 or Q4_1.");
    }
}
