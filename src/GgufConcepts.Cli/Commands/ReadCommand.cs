using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>read</c>: the reader alone, over the vectors of a saved trace, of a text, or of a sum of
/// words.</summary>
internal sealed class ReadCommand : Command
{
    private readonly Argument<string?> _trace = new("TRACE")
    {
        Description = "A trace saved with think --trace.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "Read the embeddings of this text's tokens instead: a reader should repeat it.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _analogy = new("--analogy")
    {
        Description = "Read a sum of words instead, such as \"king - man + woman\".",
        HelpName = "WORDS",
    };

    private readonly Option<int> _chunk = new("--chunk")
    {
        Description = "Read N vectors at a time; 0 reads all at once.",
        HelpName = "N",
    };

    private readonly Option<bool> _mean = new("--mean")
    {
        Description = "In --analogy, take a word of several tokens as the mean of their rows.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ReadArguments _read;
    private readonly ModelArguments _model;

    public ReadCommand()
        : base("read", "Put vectors into words: those of a saved trace, of a text, or of a sum of words.")
    {
        Arguments.Add(_trace);
        foreach (Option option in new Option[] { _text, _analogy, _chunk, _mean, _json })
        {
            Options.Add(option);
        }

        _read = new ReadArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        (string? path, string? text, string? analogy) =
            (parse.GetValue(_trace), parse.GetValue(_text), parse.GetValue(_analogy));
        ReadOptions options = _read.Read(parse);
        int chunk = parse.GetValue(_chunk);
        List<string> problems = [.. options.FindProblems()];
        if (new[] { path, text, analogy }.Count(source => source is not null) != 1)
        {
            problems.Add("Name one thing to read: a trace file, --text or --analogy.");
        }

        if (chunk < 0)
        {
            problems.Add($"--chunk is {chunk}; use 0 for all at once, or a number of vectors.");
        }

        if (problems.Count > 0)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        Trace? trace = path is null ? null : TraceJson.Load(path); // before the model: it may be wrong
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        InputEmbeddings embeddings = session.Embeddings;
        float[] vectors = trace is not null ? TraceVectors.Rebuild(trace, loaded.Model.Info, embeddings)
            : text is not null ? embeddings.Rows(loaded.Model.Tokenizer.EncodeContinuation(text))
            : embeddings.Scaled(WordVectors.Sum(loaded.Model, [analogy!], parse.GetValue(_mean)).Sum);
        if (vectors.Length == 0)
        {
            throw new ConceptInputException("There is nothing to read: the trace has no steps, or the text is empty.");
        }

        int count = vectors.Length / embeddings.Width;
        int size = chunk == 0 ? count : chunk;
        List<TraceChunk> readings = [];
        for (int first = 0; first < count; first += size)
        {
            int length = Math.Min(size, count - first);
            string words = session.Read(
                vectors.AsSpan(first * embeddings.Width, length * embeddings.Width), options, cancellation);
            readings.Add(new TraceChunk(first, length, words));
        }

        Write(parse, loaded.Model, path ?? (text is not null ? "text" : "analogy"), options, readings);
        return ExitCodes.Done;
    }

    private void Write(
        ParseResult parse, ConceptModel model, string source, ReadOptions options, List<TraceChunk> readings)
    {
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(
                new ReadDocument(TraceModel.Of(model.Info), source, options.Prompt, readings)));
            return;
        }

        IAnsiConsole console = Terminal.Create();
        foreach (TraceChunk reading in readings)
        {
            TraceTable.WriteReading(console, reading, unit: "vector");
        }
    }
}
