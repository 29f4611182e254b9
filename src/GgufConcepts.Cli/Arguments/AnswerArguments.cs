using System.CommandLine;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Cli.Arguments;

/// <summary>How the answer's tokens are chosen: the likeliest, unless one of these says to draw.</summary>
internal sealed class AnswerArguments
{
    private readonly Option<int?> _tokens = new("--answer-tokens")
    {
        Description = "Most tokens of the answer; 0 for no answer. [64]",
        HelpName = "N",
    };

    private readonly Option<float?> _temperature = new("--answer-temperature")
    {
        Description = "Draw the answer's tokens at this temperature; without it, or another --answer option, the likeliest.",
        HelpName = "X",
    };

    private readonly Option<int?> _topK = new("--answer-top-k") { Description = "Draw from the K likeliest tokens; 1 takes the likeliest.", HelpName = "N" };

    private readonly Option<float?> _topP = new("--answer-top-p")
    {
        Description = "Draw from the smallest set of tokens with this much probability.",
        HelpName = "X",
    };

    private readonly Option<float?> _minP = new("--answer-min-p")
    {
        Description = "Draw no token below this fraction of the likeliest one's probability.",
        HelpName = "X",
    };

    public AnswerArguments(Command command)
    {
        foreach (Option option in new Option[] { _tokens, _temperature, _topK, _topP, _minP })
        {
            command.Options.Add(option);
        }
    }

    public int Tokens(ParseResult parse, int standard) => parse.GetValue(_tokens) ?? standard;

    public TokenDecoding Read(ParseResult parse, TokenDecoding standard)
    {
        (float? temperature, int? topK, float? topP, float? minP) =
            (parse.GetValue(_temperature), parse.GetValue(_topK), parse.GetValue(_topP), parse.GetValue(_minP));
        if (temperature is null && topK is null && topP is null && minP is null)
        {
            return standard;
        }

        MixOptions mix = standard.Mix with
        {
            Temperature = temperature ?? standard.Mix.Temperature,
            TopK = topK ?? standard.Mix.TopK,
            TopP = topP ?? standard.Mix.TopP,
            MinP = minP ?? standard.Mix.MinP,
        };
        return mix.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException($"Of the answer: {string.Join(" ", problems)}")
            : new TokenDecoding { Mix = mix };
    }
}
