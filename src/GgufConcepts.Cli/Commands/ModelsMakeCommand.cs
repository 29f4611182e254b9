using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models make</c>: a GGUF of what a training recipe left (<c>DESCRIPTION.json</c>), or of random weights in the
/// shape of a known model (<c>--shape</c>).</summary>
internal sealed class ModelsMakeCommand : Command
{
    private readonly Argument<string?> _description = new("DESCRIPTION.json")
    {
        Description = "What a recipe of models/training wrote; the weights lie beside it.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _shape = new("--shape")
    {
        Description = "Instead: random weights, for timings, in the shape of " + string.Join(
            " ", ModelShape.All.Select(shape => $"{shape.Name}: {shape.Description}")),
        HelpName = "SHAPE",
    };

    private readonly Option<string> _out = new("--out", "--output", "-o")
    {
        Description = "The file to write; one that is there is replaced.",
        HelpName = "FILE.gguf",
        Required = true,
    };

    private readonly Option<string?> _type = new("--type", "--quant")
    {
        Description = "Store matrices in this type: F16, Q8_0, Q4_0 ... Default: as the description says; with --shape, one of " +
            $"{string.Join(", ", SyntheticModel.Types)}, default {SyntheticModel.Types[0]}.",
        HelpName = "TYPE",
    };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "With --shape: the same seed gives the same file. Default: 0.",
        HelpName = "N",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public ModelsMakeCommand()
        : base("make", "Make a GGUF of the weights that a training recipe wrote, or of random ones in a known shape.")
    {
        Arguments.Add(_description);
        Options.Add(_shape);
        Options.Add(_out);
        Options.Add(_type);
        Options.Add(_seed);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string path = parse.GetValue(_out)!;
        OutputFile.Check("model", path);
        Action make = Choose(parse, path, cancellation);
        await Task.Run(make, cancellation); // elsewhere, so that Ctrl-C is heard
        await using FileStream file = File.OpenRead(path);
        byte[] hash = await SHA256.HashDataAsync(file, cancellation);
        MadeDocument made = new(path, file.Length, Convert.ToHexStringLower(hash));
        string bytes = made.Bytes.ToString(CultureInfo.InvariantCulture);
        await Console.Out.WriteLineAsync(
            parse.GetValue(_json) ? Documents.Write(made) : $"{made.File}  {bytes} bytes  sha256 {made.Sha256}");
        return ExitCodes.Done;
    }

    private Action Choose(ParseResult parse, string path, CancellationToken cancellation)
    {
        GgmlType? type = ReadType(parse.GetValue(_type));
        ulong? seed = parse.GetValue(_seed);
        switch (parse.GetValue(_description), parse.GetValue(_shape))
        {
            case ({ } description, null):
                return seed is null
                    ? () => RecipeConverter.Convert(description, path, type, cancellation)
                    : throw new ConceptInputException("--seed is of no use with a description, which has its weights; leave it out.");
            case (null, { } name):
                ModelShape shape = ModelShape.Find(name);
                return () =>
                {
                    using ProgressLine line = new();
                    SyntheticModel.Write(
                        path, shape, type ?? SyntheticModel.Types[0], seed ?? 0, new WriteReport(line, path), cancellation);
                };
            default:
                throw new ConceptInputException("Name one thing to make: a DESCRIPTION.json or a --shape.");
        }
    }

    private static GgmlType? ReadType(string? name) => name is null ? null
        : Enum.GetValues<GgmlType>().Where(type => type.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray()
            is [GgmlType found] ? found
        : throw new ConceptInputException($"--type is '{name}'; use F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q4_0, Q4_1 or Q4_K.");

    private sealed class WriteReport(ProgressLine line, string path) : IProgress<float>
    {
        public void Report(float value) => line.Show($"Writing {path}: {value:P0}");
    }
}
