using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using GgufConcepts.Batches;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Nats;
using GgufConcepts.Stores;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>worker --nats URL --model NAME</c>: thinks what batches of any machine ask for.</summary>
internal sealed class WorkerCommand : Command
{
    private static readonly TimeSpan s_shown = TimeSpan.FromSeconds(1);

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Take the jobs of batches whose --model is this. Default: what --model says here, of a file its name without .gguf.",
        HelpName = "MODEL",
    };

    private readonly Option<int> _parallel = new("--parallel", "-p")
    {
        Description = $"Thoughts that run at once, 1 to {ConceptBatch.Largest}.",
        HelpName = "N",
        DefaultValueFactory = _ => 8,
    };

    private readonly Option<double> _ackWait = new("--ack-wait")
    {
        Description = "Seconds after which a worker that is not heard of counts as dead, and its jobs go to others; the same for all of a model.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _maxTries = new("--max-tries")
    {
        Description = "Times that a job is begun before it is given up, with an error as its result and a dead letter.",
        HelpName = "N",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<bool> _noSteps = new("--no-steps")
    {
        Description = "Do not tell on ggufconcepts.steps.RUN.INDEX what happens in the thoughts.",
    };

    private readonly NatsArguments _nats;
    private readonly ModelArguments _model;

    public WorkerCommand()
        : base("worker",
            """
            Think what batches ask for that were sent to a NATS server with batch --nats. Any number of machines may do so; each takes
            the jobs of the model that it has. Ctrl-C or SIGTERM: finish what runs and end; a second Ctrl-C: end at once.

              ggufconcepts worker --nats nats://host:4222 --model atlas
            """)
    {
        _nats = new NatsArguments(this, isNeeded: true, "The server that jobs come from.");
        foreach (Option option in (Option[])[_name, _parallel, _ackWait, _maxTries, _noSteps])
        {
            Options.Add(option);
        }

        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation) // not cancelled: signals are heard here
    {
        NatsWorkerOptions options = ReadOptions(parse);
        NatsServerOptions server = _nats.Read(parse)!;
        using CancellationTokenSource drain = new();
        using CancellationTokenSource abort = new();
        void Hear(PosixSignalContext signal)
        {
            signal.Cancel = true; // this program ends itself
            (drain.IsCancellationRequested && signal.Signal == PosixSignal.SIGINT ? abort : drain).Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear);
        try
        {
            await WorkAsync(parse, server, options, drain.Token, abort.Token);
        }
        catch (OperationCanceledException) when (!abort.IsCancellationRequested)
        {
            // told to stop before it began
        }

        return ExitCodes.Done;
    }

    private async Task WorkAsync(
        ParseResult parse, NatsServerOptions server, NatsWorkerOptions options, CancellationToken drain, CancellationToken abort)
    {
        using ProgressLine line = new();
        await using NatsLink link = await NatsLink.ConnectAsync(
            server, $"ggufconcepts worker {options.Model}", new Notices(line), drain);
        using LoadedModel loaded = await _model.OpenAsync(
            parse, _model.Name(parse), drain, checkTensors: true); // before it takes jobs that others wait for
        using NatsWorker worker = new(link, loaded.Model, options);
        await Console.Error.WriteLineAsync($"Taking jobs for '{options.Model}' from {link.Url}, {options.Parallel} at once.");
        try
        {
            Task work = worker.RunAsync(drain, abort);
            while (await Task.WhenAny(work, Task.Delay(s_shown, CancellationToken.None)) != work)
            {
                lock (line)
                {
                    line.Show($"{worker.Done} done{(drain.IsCancellationRequested ? "; finishing what runs" : "")}");
                }
            }

            await work;
        }
        finally
        {
            line.Dispose();
            await Console.Error.WriteLineAsync($"{worker.Done} {(worker.Done == 1 ? "job" : "jobs")} done.");
        }
    }

    private NatsWorkerOptions ReadOptions(ParseResult parse)
    {
        double seconds = parse.GetValue(_ackWait);
        if (!(seconds >= 1 && seconds <= 3600))
        {
            throw new ConceptInputException(string.Create(CultureInfo.InvariantCulture, $"--ack-wait is {seconds}; use 1 to 3600 seconds."));
        }

        string? name = parse.GetValue(_name);
        NatsWorkerOptions options = new(name switch
        {
            "" => throw new ConceptInputException("--name is empty; name a model, or leave it out."),
            null => BatchModel.NameOf(_model.Name(parse) ?? ModelFinder.OfThisMachine().Find(null).Path),
            _ => name,
        })
        {
            Parallel = parse.GetValue(_parallel),
            AckWait = TimeSpan.FromSeconds(seconds),
            MaxTries = parse.GetValue(_maxTries),
            TellsSteps = !parse.GetValue(_noSteps),
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }
}
