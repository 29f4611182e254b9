using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Stores;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models verify MODEL</c>: all for which a model's file would be refused, without loading it.</summary>
internal sealed class ModelsVerifyCommand : Command
{
    private readonly Argument<string> _name = new("MODEL")
    {
        Description = "A file, or a name as --model takes it, such as atlas, hf:org/repo:Q4_K_M or ollama:name:tag.",
    };

    private readonly Option<bool> _weights = new("--weights")
    {
        Description = "Load it, too: look at every weight, and at what it says after a token.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public ModelsVerifyCommand()
        : base("verify", "Check a model's file without loading it; list what is wrong, with exit code 2.")
    {
        Arguments.Add(_name);
        Options.Add(_weights);
        Options.Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        FoundModel found = ModelFinder.OfThisMachine().Find(parse.GetValue(_name));
        VerifyDocument document = Verify(found);
        if (parse.GetValue(_weights) && document.Findings.Count == 0)
        {
            document = document with { Checked = [.. document.Checked, "every weight"], Findings = FindBadWeights(found.Path) };
        }

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(document));
        }
        else if (document.Findings is { Count: > 0 } findings)
        {
            findings.ToList().ForEach(finding => Console.Out.WriteLine(Visible.Text(finding)));
        }
        else
        {
            Console.Out.WriteLine(
                $"{document.Path}: nothing wrong in {document.Settings} settings and {document.Tensors} tensors; " +
                $"looked at {string.Join(", ", document.Checked)}.");
        }

        return document.Findings.Count > 0 ? ExitCodes.BadInput : ExitCodes.Done;
    }

    private static IReadOnlyList<string> FindBadWeights(string path)
    {
        try
        {
            ConceptModel.Load(path, new ModelOptions { GpuLayers = 0, CheckTensors = true }).Dispose();
            return [];
        }
        catch (ConceptInputException damage)
        {
            return [damage.Message];
        }
    }

    private static VerifyDocument Verify(FoundModel found)
    {
        if (!File.Exists(found.Path))
        {
            GgufModelFile.Open(found.Path).Dispose(); // says so
        }

        try
        {
            using GgufModelFile file = GgufModelFile.Open(found.Path);
            return new VerifyDocument(
                found.Path,
                found.Store,
                file.Metadata.Entries.Count,
                file.Tensors.Count,
                [GgufModelFile.Rule, .. GgufModelCheck.Rules],
                GgufModelCheck.FindProblems(file));
        }
        catch (GgufException damage) // what follows cannot be read
        {
            return new VerifyDocument(found.Path, found.Store, 0, 0, [GgufModelFile.Rule], [damage.Message]);
        }
    }
}
