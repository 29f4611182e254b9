using System.CommandLine;
using System.Globalization;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Arguments;

/// <summary>How to think: strategy, limits, markers, reader, answer.</summary>
internal sealed class ThinkArguments
{
    private static readonly ThinkOptions s_default = new();

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

    private readonly ChatArguments _chat;
    private readonly StrategyArguments _strategy;
    private readonly AnswerArguments _answer;

    /// <param name="command">The command that gets the options.</param>
    /// <param name="others">Options of its own that stand among these.</param>
    public ThinkArguments(Command command, params Option[] others)
    {
        foreach (Option option in (Option[])
            [_maxSteps, _chunk, _stopEntropy, _stopPatience, _fixed, _thinkStart, _thinkEnd, _noRead, .. others])
        {
            command.Options.Add(option);
        }

        _chat = new ChatArguments(command);
        _strategy = new StrategyArguments(command, whole: true);
        _answer = new AnswerArguments(command);
        Reading = new ReadArguments(command);
    }

    /// <summary>The reader's options.</summary>
    public ReadArguments Reading { get; }

    /// <summary>The name of the preset that was asked for, if one was.</summary>
    public string? PresetName(ParseResult parse) => _strategy.Preset(parse)?.Name;

    /// <summary>What was asked for; what was not is as the preset has it, or as usual.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="seed">Of everything random.</param>
    /// <exception cref="ConceptInputException">An option is out of range.</exception>
    public ThinkOptions Read(ParseResult parse, ulong seed)
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
            Reader = !parse.GetValue(_noRead) && (standard.Reader is not null || Reading.IsGiven(parse) || parse.GetValue(_chunk) > 0)
                ? Reading.Read(parse)
                : null,
            Seed = seed,
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }

    private static string Invariant(double value) => value.ToString(CultureInfo.InvariantCulture);
}
