using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>think PROMPT</c>: the writer thinks in vectors, the reader translates, the model answers.</summary>
internal sealed class ThinkCommand : Command
{
    private static readonly ThinkOptions s_default = new();

    private readonly Argument<string> _prompt = new("PROMPT") { Description = "The text to think about." };

    private readonly Option<string> _strategy = new("--strategy", "-s")
    {
        Description = $"What is fed back: {string.Join(", ", StrategyCatalog.Names)}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => s_default.Strategy.Name,
    };

    private readonly Option<int> _maxSteps = new("--max-steps")
    {
        Description = "Most steps of the thought.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.MaxSteps,
    };

    private readonly Option<int> _chunk = new("--chunk")
    {
        Description = "After N vectors let the reader translate them and put its words in their place; 0 for never.",
        HelpName = "N",
    };

    private readonly Option<double> _stopEntropy = new("--stop-entropy")
    {
        Description = "Stop when the entropy stays below this, in nats; 0 switches that off.",
        HelpName = "H",
        DefaultValueFactory = _ => s_default.ColdStop.Entropy,
    };

    private readonly Option<int> _stopPatience = new("--stop-patience")
    {
        Description = "Steps in a row that the entropy must stay low.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.ColdStop.Patience,
    };

    private readonly Option<int> _answerTokens = new("--answer-tokens")
    {
        Description = "Most tokens of the answer; 0 for no answer.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.AnswerTokens,
    };

    private readonly Option<bool> _noRead = new("--no-read")
    {
        Description = "Think and answer only; nobody reads the thought.",
    };

    private readonly Option<int> _nearest = new("--nearest")
    {
        Description = "Tokens to list that are nearest to each vector; 0 for none.",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    private readonly MixArguments _mix;
    private readonly ReadArguments _read;
    private readonly TraceArguments _output;
    private readonly ModelArguments _model;

    public ThinkCommand()
        : base("think", "Think about a prompt in vectors, read the thought in words, answer.")
    {
        Arguments.Add(_prompt);
        foreach (Option option in new Option[]
            { _strategy, _maxSteps, _chunk, _stopEntropy, _stopPatience, _answerTokens, _noRead, _nearest })
        {
            Options.Add(option);
        }

        _mix = new MixArguments(this);
        _read = new ReadArguments(this);
        _output = new TraceArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string prompt = CommonOptions.ReadText(parse, _prompt);
        ThinkOptions options = ReadOptions(parse);
        int nearest = parse.GetValue(_nearest);
        if (nearest is < 0 or > 100)
        {
            throw new ConceptInputException($"--nearest is {nearest}; use 0 to 100.");
        }

        _output.Check(parse); // refused now rather than after the thought
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        if (options is { Reader: { } reader, Strategy.FeedsVectors: true })
        {
            reader = _read.WithOther(reader, parse, loaded.Model, session, options.MaxSteps, prompt, cancellation);
            options = options with { Reader = reader };
        }

        TraceRecorder recorder = new(
            loaded.Model.Info, prompt, options.Strategy.Name, options.Settings, options.Seed, loaded.LoadMilliseconds);
        Trace trace;
        try
        {
            using ProgressLine progress = new();
            foreach (ThoughtEvent happened in session.Think(prompt, options, cancellation))
            {
                recorder.Add(happened);
                if (happened is ConceptStep step)
                {
                    progress.Show(string.Create(
                        CultureInfo.InvariantCulture, $"step {step.Index + 1} of {options.MaxSteps}, entropy {step.Entropy:F2}"));
                }
            }

            trace = recorder.Build();
            if (nearest > 0 && options.Strategy.FeedsVectors)
            {
                trace = TraceNeighbors.Add(trace, loaded.Model, session, nearest, cancellation);
            }
        }
        catch (Exception problem)
        {
            _output.SaveUnfinished(parse, recorder, problem);
            throw;
        }

        _output.Save(parse, trace);
        if (_output.AsJson(parse))
        {
            Console.Out.WriteLine(TraceJson.Write(trace));
            return ExitCodes.Done;
        }

        IAnsiConsole console = Terminal.Create();
        TraceTable.WriteSteps(console, trace);
        TraceTable.WriteWords(console, trace);
        Timings.Write(trace);
        return ExitCodes.Done;
    }

    private ThinkOptions ReadOptions(ParseResult parse)
    {
        ThinkOptions options = new()
        {
            Strategy = StrategyCatalog.Make(parse.GetValue(_strategy)!, _mix.Read(parse)),
            MaxSteps = parse.GetValue(_maxSteps),
            ChunkLength = parse.GetValue(_chunk),
            ColdStop = new ColdStop { Entropy = parse.GetValue(_stopEntropy), Patience = parse.GetValue(_stopPatience) },
            AnswerTokens = parse.GetValue(_answerTokens),
            Reader = parse.GetValue(_noRead) ? null : _read.Read(parse),
            Seed = _output.Seed(parse),
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }
}
