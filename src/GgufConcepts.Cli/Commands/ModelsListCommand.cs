using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Stores;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models list</c>: what <c>--model</c> knows by name, and what other programs have on this machine.</summary>
internal sealed class ModelsListCommand : Command
{
    private const int MostShown = 64; // letters of an architecture: no name of one has so many

    private readonly Option<bool> _json = CommonOptions.Json();

    public ModelsListCommand()
        : base("list", "List the models that --model knows by name, the default first, and those in the stores of this machine.")
    {
        Options.Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        IReadOnlyList<CatalogEntry> known = ModelCatalog.Find().Entries;
        ListedModel[] stored = [.. ModelFinder.OfThisMachine().List().Select(Look)];
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new ModelsDocument(known, stored)));
            return ExitCodes.Done;
        }

        IAnsiConsole console = Terminal.Create();
        Table names = Terminal.NewTable("name", "size", "what it is");
        foreach (CatalogEntry entry in known)
        {
            string where = entry.Source is null ? "" : IsHere(entry) ? " Pulled." : " To pull.";
            names.AddRow(
                new Text(entry.Name),
                new Text(entry.Bytes is { } bytes ? ByteSize.Text(bytes) : "").RightJustified(),
                new Text(entry.Description + where));
        }

        names.Columns[2].NoWrap = false;
        Terminal.Print(console, names);
        if (stored.Length > 0)
        {
            Table models = Terminal.NewTable("model", "size", "quantisation", "architecture", "store");
            foreach (ListedModel model in stored)
            {
                models.AddRow(
                    new Text(Visible.Text(model.Reference)),
                    new Text(ByteSize.Text(model.Bytes)).RightJustified(),
                    new Text(model.Quantisation ?? ""),
                    new Text(model.Architecture ?? "unreadable"),
                    new Text(model.Store));
            }

            models.Columns[0].NoWrap = false;
            Terminal.Print(console, models);
        }

        return ExitCodes.Done;
    }

    private static bool IsHere(CatalogEntry entry) =>
        ModelReference.Parse(entry.Source!) is var reference && ModelStores.OfThisMachine().Any(store => store.Find(reference) is not null);

    private static ListedModel Look(StoredModel model) => new(
        model.Reference, model.Store, model.Path, model.Bytes, model.Quantisation, ArchitectureOf(model.Path));

    private static string? ArchitectureOf(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Metadata.TryGetString("general.architecture", out string architecture) && architecture.Length <= MostShown
                ? Visible.Text(architecture)
                : null;
        }
        catch (ConceptInputException)
        {
            return null;
        }
    }
}
