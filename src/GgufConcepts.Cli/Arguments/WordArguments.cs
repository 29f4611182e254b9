using System.CommandLine;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Options and output of the commands that look words up: <c>neighbors</c> and <c>analogy</c>.</summary>
internal sealed class WordArguments
{
    private readonly Option<int> _count = CommonOptions.Count("Tokens to list.", 10);

    private readonly Option<bool> _mean = new("--mean")
    {
        Description = "Take a word of several tokens as the mean of their rows.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public WordArguments(Command command)
    {
        command.Options.Add(_count);
        command.Options.Add(_mean);
        command.Options.Add(_json);
        Model = new ModelArguments(command);
    }

    public ModelArguments Model { get; }

    public int Count(ParseResult parse) => CommonOptions.CheckCount(parse.GetValue(_count));

    public bool Mean(ParseResult parse) => parse.GetValue(_mean);

    public int Write(ParseResult parse, ConceptModel model, string query, NearToken[] nearest)
    {
        IReadOnlyList<TraceNearest> tokens = TraceNeighbors.Describe(nearest, model.Tokenizer);
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new NearestDocument(TraceModel.Of(model.Info), query, tokens)));
        }
        else
        {
            NearestTable.Write(Terminal.Create(), tokens);
        }

        return ExitCodes.Done;
    }
}
