using System.CommandLine;
using System.Globalization;
using GgufConcepts.Batches;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Nats;
using GgufConcepts.Stores;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>batch FILE.jsonl --out FILE.jsonl</c>: many prompts, several side by side, each result written as it
/// comes.</summary>
internal sealed partial class BatchCommand : Command
{
    private readonly Argument<string> _file = new("FILE.jsonl")
    {
        Description =
            """
            The prompts, one JSON object a line: {"prompt": "...", "id": "...", "concept": {"strategy": "soft", "maxSteps": 8, "seed": 1}}
            Only prompt is needed. The fields of concept are those of the settings in a trace; they go before the options here.
            """,
    };

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description =
            """
            Add a line to this file for every result, as it comes: {"index": 0, "id": "...", "key": "...", "trace": {...}}, or an
            "error" with its "message" instead of the trace. The same command again does what is missing.
            """,
        HelpName = "RESULTS.jsonl",
        Required = true,
    };

    private readonly Option<bool> _brief = new("--brief")
    {
        Description = "Write a \"thought\" instead of the trace: prompt, answer, readings, number of steps, why it stopped.",
    };

    private readonly Option<bool> _inOrder = new("--in-order")
    {
        Description = "When all results are there, put them in the order of the prompts.",
    };

    private readonly Option<bool> _retryFailed = new("--retry-failed")
    {
        Description = "Do those again that failed before. Without it their errors stand.",
    };

    private readonly Option<bool> _redoChanged = new("--redo-changed")
    {
        Description = "Where results are there whose prompts or settings have changed, do those again. Without it that is refused.",
    };

    private readonly Option<int> _parallel = new("--parallel", "-p")
    {
        Description = $"Thoughts that run at once, 1 to {ConceptBatch.Largest}.",
        HelpName = "N",
        DefaultValueFactory = _ => 8,
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random, for lines that give none: the same for each.",
        HelpName = "N",
    };

    private readonly Option<bool> _cancel = new("--cancel")
    {
        Description = "End a run on the --nats server that was begun with this --out and whose program is gone; workers let go of its jobs.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly NatsArguments _nats;
    private readonly ThinkArguments _think;
    private readonly ModelArguments _model;

    public BatchCommand()
        : base("batch",
            """
            Think about thousands of prompts, several side by side. After Ctrl-C or a kill the same command goes on where it ended.

              ggufconcepts batch prompts.jsonl --out results.jsonl --strategy soft --max-steps 16 -m model.gguf
              ggufconcepts batch prompts.jsonl --out results.jsonl --nats nats://host:4222 -m model     on machines that run worker
            """)
    {
        Arguments.Add(_file);
        foreach (Option option in (Option[])[_out, _brief, _inOrder, _retryFailed, _redoChanged, _parallel, _seed, _json])
        {
            Options.Add(option);
        }

        _nats = new NatsArguments(
            this, isNeeded: false, "Have the prompts thought by whatever machines run worker for this NATS server (JetStream), not by this one.");
        Options.Add(_cancel);
        _think = new ThinkArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        int parallel = parse.GetValue(_parallel);
        if (parallel is < 1 or > ConceptBatch.Largest)
        {
            throw new ConceptInputException($"--parallel is {parallel}; use 1 to {ConceptBatch.Largest}.");
        }

        if (_think.Reading.NamesOther(parse))
        {
            throw new ConceptInputException("--other is for one thought; leave it out.");
        }

        NatsServerOptions? server = _nats.Read(parse);
        if (server is not null && parse.GetResult(_parallel) is { Implicit: false })
        {
            throw new ConceptInputException("--parallel is for this machine; with --nats each worker has its own, so leave it out.");
        }

        if (parse.GetValue(_cancel))
        {
            return server is null
                ? throw new ConceptInputException("--cancel is for a run on a server; name that with --nats.")
                : await CancelAsync(server, Output(parse), cancellation);
        }

        string model = _model.Name(parse) ?? ModelFinder.OfThisMachine().Find(null).Path;
        BatchDefaults defaults = new(BatchModel.NameOf(model))
        {
            Options = _think.Read(parse, parse.GetValue(_seed)), Brief = parse.GetValue(_brief),
        };
        using BatchInput input = BatchInput.Open(CommonOptions.ReadText(parse, _file), defaults);
        BatchOptions options = new()
        {
            RetryFailed = parse.GetValue(_retryFailed),
            RedoChanged = parse.GetValue(_redoChanged),
            InOrder = parse.GetValue(_inOrder),
        };
        using Batch batch = Batch.Open(input, Output(parse), options);
        TimeSpan elapsed = server is null
            ? await RunHereAsync(parse, batch, parallel, cancellation)
            : await RunOnServerAsync(server, input, batch, begins: options.RetryFailed, cancellation);
        return Report(parse, input, batch, elapsed);
    }

    private async Task<TimeSpan> RunHereAsync(ParseResult parse, Batch batch, int parallel, CancellationToken cancellation)
    {
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ProgressLine line = new();
        return await RunAsync(batch, new LocalBatchRunner(loaded.Model, parallel), line, cancellation);
    }

    private static async Task<TimeSpan> RunAsync(Batch batch, IBatchRunner runner, ProgressLine line, CancellationToken cancellation)
    {
        try
        {
            BatchBar bar = new(line, batch);
            bar.Show();
            await foreach (BatchResult result in batch.RunAsync(runner, cancellation))
            {
                bar.Show();
            }

            return bar.Elapsed;
        }
        catch (OperationCanceledException)
        {
            line.Dispose();
            await Console.Error.WriteLineAsync(
                $"{batch.Done} of {batch.Count} results are in {batch.OutputPath}; the same command again goes on from there.");
            throw;
        }
    }

    private int Report(ParseResult parse, BatchInput input, Batch batch, TimeSpan elapsed)
    {
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new BatchDocument(
                input.Path, batch.OutputPath, input.Model, batch.Count, batch.Done, batch.DoneBefore, batch.Failed,
                Math.Round(elapsed.TotalSeconds, 3))));
        }

        int now = batch.Done - batch.DoneBefore;
        string before = batch.DoneBefore > 0 ? $", {batch.DoneBefore} of them from before" : "";
        string rate = now > 0
            ? string.Create(CultureInfo.InvariantCulture, $"; {now} in {elapsed.TotalSeconds:F1} s, {now / elapsed.TotalSeconds:F1} / s")
            : "";
        Console.Error.WriteLine($"{batch.Done} results in {batch.OutputPath}{before}{rate}");
        if (batch.Failed > 0)
        {
            Console.Error.WriteLine($"{batch.Failed} of them failed: see their \"error\"; --retry-failed does those again.");
        }

        return batch.Failed > 0 ? ExitCodes.FailedWhileRunning : ExitCodes.Done;
    }

    private string Output(ParseResult parse) => parse.GetValue(_out) is { Length: > 0 } path
        ? path
        : throw new ConceptInputException("--out is empty; name a file.");
}
