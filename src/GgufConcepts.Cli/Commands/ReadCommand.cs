using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>read</c>: the reader alone, over the vectors of a saved trace, of a text, or of a sum of words; or its
/// test.</summary>
internal sealed class ReadCommand : Command
{
    private const int StandardWords = 100;
    private const int MostWords = 100_000;

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

    private readonly Option<bool> _selfTest = new("--self-test")
    {
        Description = "Read the rows of single words instead, which should be echoed, and say how well this model reads at " +
            "all: with every named prompt that it has the markers for, or with --read-prompt.",
    };

    private readonly Option<int> _words = new("--words")
    {
        Description = "Words of the self-test, drawn from the vocabulary.",
        HelpName = "N",
        DefaultValueFactory = _ => StandardWords,
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

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random; the same seed and settings give the same readings.",
        HelpName = "N",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ReadArguments _read;
    private readonly ModelArguments _model;

    public ReadCommand()
        : base(
            "read",
            """
            Put vectors into words: those of a saved trace, of a text, or of a sum of words.

              ggufconcepts think "The capital of France is" --max-steps 1 --trace france.json
              ggufconcepts read france.json --readings 200     the shares of what one vector says
              ggufconcepts read france.json --controls         would other vectors say the same?
              ggufconcepts read --self-test                    does this model read at all?
            """)
    {
        Arguments.Add(_trace);
        foreach (Option option in new Option[] { _text, _analogy, _selfTest, _words, _chunk, _mean, _seed, _json })
        {
            Options.Add(option);
        }

        _read = new ReadArguments(this);
        _model = new ModelArguments(this);
        SetAction((parse, cancellation) => parse.GetValue(_selfTest) ? TestAsync(parse, cancellation) : ReadAsync(parse, cancellation));
    }

    private async Task<int> ReadAsync(ParseResult parse, CancellationToken cancellation)
    {
        (string? path, string? text, string? analogy) =
            (parse.GetValue(_trace), parse.GetValue(_text), parse.GetValue(_analogy));
        ReadOptions options = _read.Read(parse);
        int chunk = parse.GetValue(_chunk);
        List<string> problems = [.. options.FindProblems()];
        if (new[] { path, text, analogy }.Count(source => source is not null) != 1)
        {
            problems.Add("Name one thing to read: a trace file, --text, --analogy, or --self-test.");
        }

        if (chunk < 0)
        {
            problems.Add($"--chunk is {chunk}; use 0 for all at once, or a number of vectors.");
        }

        if (parse.GetResult(_words) is { Implicit: false })
        {
            problems.Add("--words counts the words of --self-test; add that, or leave --words out.");
        }

        Refuse(problems);
        Trace? trace = path is null ? null : TraceJson.Load(path); // before the model: it may be wrong
        trace = trace is null ? null : trace with { Steps = [.. trace.Steps.Where(step => !step.Marker)] }; // no thought
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
        int size = chunk == 0 ? count : Math.Min(chunk, count);
        options = _read.WithOther(options, parse, loaded.Model, session, size, trace?.Prompt, cancellation);
        options = options with { Faithfulness = options.Faithfulness || parse.GetValue(_json) };
        List<TraceChunk> readings = [];
        using (ProgressLine progress = new())
        {
            for (int first = 0; first < count; first += size)
            {
                progress.Show($"vector {first} of {count}");
                int length = Math.Min(size, count - first);
                CloseReading reading = session.ReadClosely(
                    vectors.AsSpan(first * embeddings.Width, length * embeddings.Width), options, parse.GetValue(_seed), cancellation);
                readings.Add(TraceChunk.Of(first, length, reading.Text, reading));
            }
        }

        Write(parse, loaded.Model, path ?? (text is not null ? "text" : "analogy"), options, readings);
        return ExitCodes.Done;
    }

    private void Write(
        ParseResult parse, ConceptModel model, string source, ReadOptions options, List<TraceChunk> readings)
    {
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new ReadDocument(
                TraceModel.Of(model.Info), source, options.Text, options.Settings, parse.GetValue(_seed), readings)));
            return;
        }

        IAnsiConsole console = Terminal.Create();
        foreach (TraceChunk reading in readings)
        {
            TraceTable.WriteReading(console, reading, unit: "vector");
        }
    }

    private async Task<int> TestAsync(ParseResult parse, CancellationToken cancellation)
    {
        ReadOptions options = _read.Read(parse);
        int words = parse.GetValue(_words);
        List<string> problems = [.. options.FindProblems()];
        if (new[] { _trace, (Symbol)_text, _analogy, _chunk, _mean }.Any(symbol => IsGiven(parse, symbol)))
        {
            problems.Add("--self-test reads single words of the vocabulary; leave the trace, --text, --analogy, --chunk and --mean out.");
        }

        if (_read.GivenBesidePrompt(parse) is { Length: > 0 } given)
        {
            problems.Add($"--self-test takes the likeliest reading of each word; leave out: {given}.");
        }

        if (words is < 1 or > MostWords)
        {
            problems.Add($"--words is {words}; use 1 to {MostWords}.");
        }

        Refuse(problems);
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        List<SelfTestRow> rows = [];
        using (ProgressLine line = new())
        {
            WordReport report = new(line);
            foreach (string prompt in Prompts(parse, options, loaded.Model.Tokenizer))
            {
                rows.Add(ReaderSelfTest.Run(
                    loaded.Model, session, options with { Prompt = prompt }, words, parse.GetValue(_seed), report, cancellation));
            }
        }

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new SelfTestDocument(
                TraceModel.Of(loaded.Model.Info), parse.GetValue(_seed), rows, rows[0].Reads, rows[0].Verdict)));
        }
        else
        {
            ReadingTable.WriteSelfTest(Terminal.Create(), rows, rows[0].Verdict);
        }

        return ExitCodes.Done;
    }

    /// <summary>The prompt that was named; else all that the model has the markers for, repetition first.</summary>
    private IEnumerable<string> Prompts(ParseResult parse, ReadOptions options, Tokenizer tokenizer) =>
        _read.NamesPrompt(parse)
            ? [options.Prompt]
            : ReadTemplate.All
                .Where(template => template.Markers.All(marker => tokenizer.FindMarker(marker) >= 0))
                .OrderByDescending(template => template == ReadTemplate.Identity)
                .Select(template => template.Name);

    private static bool IsGiven(ParseResult parse, Symbol symbol) => symbol switch
    {
        Argument argument => parse.GetResult(argument) is { Tokens.Count: > 0 },
        Option option => parse.GetResult(option) is { Implicit: false },
        _ => false,
    };

    private static void Refuse(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }
    }

    private sealed class WordReport(ProgressLine line) : IProgress<EvalProgress>
    {
        public void Report(EvalProgress value) => line.Show($"{value.Strategy}: word {value.Done} of {value.Count}");
    }
}
