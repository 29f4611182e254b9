using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>think PROMPT</c>: the writer thinks in vectors, the reader translates, the model answers.</summary>
internal sealed class ThinkCommand : Command
{
    private static readonly ThinkOptions s_default = new();

    private readonly Argument<string> _prompt = new("PROMPT") { Description = "The text to think about." };

    private readonly Option<int?> _maxSteps = new("--max-steps")
    {
        Description = $"Most steps of the thought. [{s_default.MaxSteps}]",
        HelpName = "N",
    };

    private readonly Option<int> _chunk = new("--chunk")
    {
        Description = "After N vectors let the reader translate them and put its words in their place; 0 for never.",
        HelpName = "N",
    };

    private readonly Option<double?> _stopEntropy = new("--stop-entropy")
    {
        Description = $"Stop when the entropy stays below this, in nats; 0 switches that off. [{Invariant(s_default.ColdStop.Entropy)}]",
        HelpName = "H",
    };

    private readonly Option<int?> _stopPatience = new("--stop-patience")
    {
        Description = $"Steps in a row that the entropy must stay low. [{s_default.ColdStop.Patience}]",
        HelpName = "N",
    };

    private readonly Option<string?> _thinkStart = new("--think-start", "--latent-start")
    {
        Description = "A marker fed after the prompt. Default: none, or with --chat the model's own <think>, if it has it; \"\" for none.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _thinkEnd = new("--think-end", "--latent-end")
    {
        Description = "The marker that ends a thought; given when it is over. Default: </think>, if the model has it; \"\" for none.",
        HelpName = "TEXT",
    };

    private readonly Option<bool> _fixed = new("--fixed-steps")
    {
        Description = "Think just --max-steps steps, whatever the model says meanwhile and however sure it is.",
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

    private readonly ChatArguments _chat;
    private readonly StrategyArguments _strategy;
    private readonly AnswerArguments _answer;
    private readonly ReadArguments _read;
    private readonly TraceArguments _output;
    private readonly ModelArguments _model;

    public ThinkCommand()
        : base("think", "Think about a prompt in vectors, read the thought in words, answer.")
    {
        Arguments.Add(_prompt);
        foreach (Option option in new Option[]
            { _maxSteps, _chunk, _stopEntropy, _stopPatience, _fixed, _thinkStart, _thinkEnd, _noRead, _nearest })
        {
            Options.Add(option);
        }

        _chat = new ChatArguments(this);
        _strategy = new StrategyArguments(this, whole: true);
        _answer = new AnswerArguments(this);
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

        NoteSpelledMarkers(loaded.Model.Tokenizer, options);
        System.Text.Json.Nodes.JsonObject settings = options.Settings;
        settings["preset"] = _strategy.Preset(parse)?.Name;
        settings["machine"] = _model.Settings(parse);
        TraceRecorder recorder = new(
            loaded.Model.Info, prompt, options.Strategy.Name, settings, options.Seed, loaded.LoadMilliseconds);
        using RunRecord record = _output.Begin(parse, recorder, nearest > 0 && options.Strategy.FeedsVectors
            ? steps => TraceNeighbors.Add(steps, loaded.Model, session, nearest, cancellation)
            : null);
        try
        {
            using ProgressLine progress = new();
            foreach (ThoughtEvent happened in session.Think(prompt, options, cancellation))
            {
                record.Add(happened);
                if (happened is ConceptStep step)
                {
                    progress.Show(string.Create(
                        CultureInfo.InvariantCulture, $"step {step.Index + 1} of {options.MaxSteps}, entropy {step.Entropy:F2}"));
                }
            }

            record.Complete();
        }
        catch (Exception problem)
        {
            _output.SaveUnfinished(parse, record, problem);
            throw;
        }

        if (_output.Save(parse, record) is { } trace)
        {
            IAnsiConsole console = Terminal.Create();
            TraceTable.WriteSteps(console, trace);
            TraceTable.WriteWords(console, trace);
            Timings.Write(trace);
        }

        return ExitCodes.Done;
    }

    private ThinkOptions ReadOptions(ParseResult parse)
    {
        ThinkOptions standard = _strategy.Preset(parse)?.Options ?? s_default;
        ThinkOptions options = standard with
        {
            Chat = _chat.Read(parse),
            Strategy = _strategy.Read(parse, s_default.Strategy.Name),
            MaxSteps = parse.GetValue(_maxSteps) ?? standard.MaxSteps,
            FixedLength = parse.GetValue(_fixed) || standard.FixedLength,
            ChunkLength = parse.GetValue(_chunk),
            ColdStop = new ColdStop
            {
                Entropy = parse.GetValue(_stopEntropy) ?? standard.ColdStop.Entropy,
                Patience = parse.GetValue(_stopPatience) ?? standard.ColdStop.Patience,
            },
            ThinkStart = parse.GetValue(_thinkStart) ?? standard.ThinkStart,
            ThinkEnd = parse.GetValue(_thinkEnd) ?? standard.ThinkEnd,
            Answer = _answer.Read(parse, standard.Answer),
            AnswerTokens = _answer.Tokens(parse, standard.AnswerTokens),
            Reader = !parse.GetValue(_noRead) && (standard.Reader is not null || _read.IsGiven(parse) || parse.GetValue(_chunk) > 0)
                ? _read.Read(parse)
                : null,
            Seed = _output.Seed(parse),
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }

    /// <summary>Says so where a marker is no token of its own in this vocabulary: it will be spelled out.</summary>
    private static void NoteSpelledMarkers(Tokenizer tokenizer, ThinkOptions options)
    {
        foreach (string marker in new[] { options.ThinkStart, options.ThinkEnd }.OfType<string>())
        {
            int count = tokenizer.EncodeContinuation(marker, markers: true).Length;
            if (marker.StartsWith('<') && marker.EndsWith('>') && count > 1)
            {
                Console.Error.WriteLine($"note: this vocabulary has no token {marker}; it is spelled out in {count} tokens.");
            }
        }
    }

    private static string Invariant(double value) => value.ToString(CultureInfo.InvariantCulture);
}
