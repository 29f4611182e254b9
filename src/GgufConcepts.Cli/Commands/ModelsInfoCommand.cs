using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Stores;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models info MODEL</c>: what a model's file says, and whether the model can think in vectors.</summary>
internal sealed class ModelsInfoCommand : Command
{
    private readonly Argument<string> _name = new("MODEL")
    {
        Description = "A file, or a name as --model takes it, such as atlas, hf:org/repo:Q4_K_M or ollama:name:tag.",
    };

    private readonly Option<bool> _noParity = new("--no-parity")
    {
        Description = "Read the file alone; do not load the model to see whether it can think in vectors.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public ModelsInfoCommand()
        : base("info", "Show a model's settings, chat template and tensor types, and whether it can think in vectors.")
    {
        Arguments.Add(_name);
        Options.Add(_noParity);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        FoundModel found = ModelFinder.OfThisMachine().Find(parse.GetValue(_name));
        ModelInfoDocument document = Read(found) with
        {
            Parity = parse.GetValue(_noParity) ? null : await ParityAsync(found.Path, cancellation),
        };
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(document));
        }
        else
        {
            Write(Terminal.Create(), document);
        }

        return ExitCodes.Done;
    }

    private static ModelInfoDocument Read(FoundModel found)
    {
        using GgufModelFile file = GgufModelFile.Open(found.Path);
        file.Metadata.TryGetString(ChatTemplateKey, out string template);
        return new ModelInfoDocument(
            found.Path,
            found.Store,
            file.Length,
            file.Metadata.Entries.Where(entry => entry.Key != ChatTemplateKey).ToDictionary(entry => entry.Key, entry => entry.ToText()),
            template is "" ? null : template,
            [.. file.Tensors.GroupBy(tensor => tensor.Type)
                .Select(type => new TensorTypeCount(type.Key.ToString(), type.Count(), type.Sum(tensor => tensor.ByteLength)))
                .OrderByDescending(type => type.Bytes)],
            Parity: null);
    }

    private const string ChatTemplateKey = "tokenizer.chat_template";

    private static async Task<string> ParityAsync(string path, CancellationToken cancellation)
    {
        using ConceptModel model = await ConceptModel.LoadAsync(path, cancellation: cancellation);
        return model.Parity.Describe();
    }

    private static void Write(IAnsiConsole console, ModelInfoDocument model)
    {
        TraceTable.WriteField(console, "file", model.Store is null ? model.Path : $"{model.Path} ({model.Store})");
        TraceTable.WriteField(console, "size", string.Create(CultureInfo.InvariantCulture, $"{ByteSize.Text(model.Bytes)} ({model.Bytes:N0} bytes)"));
        foreach ((string key, string value) in model.Metadata)
        {
            TraceTable.WriteField(console, key, Visible.Cut(value, MostColumns));
        }

        foreach (TensorTypeCount type in model.TensorTypes)
        {
            TraceTable.WriteField(console, type.Type, $"{type.Tensors} tensors, {ByteSize.Text(type.Bytes)}");
        }

        TraceTable.WriteField(console, "chat template", model.ChatTemplate ?? "none");
        if (model.Parity is not null)
        {
            TraceTable.WriteField(console, "parity", model.Parity);
        }
    }

    private const int MostColumns = 200;
}
