using System.CommandLine;
using GgufConcepts.Mixing;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Temperature and filters, for every command that looks at a distribution.</summary>
internal sealed class MixArguments
{
    private static readonly MixOptions s_default = MixOptions.Default;

    private readonly Option<float> _temperature = new("--temperature")
    {
        Description = "Softmax temperature, above 0; lower is sharper.",
        HelpName = "T",
        DefaultValueFactory = _ => s_default.Temperature,
    };

    private readonly Option<int> _topK = new("--top-k")
    {
        Description = "Keep the K likeliest tokens; 0 keeps all.",
        HelpName = "K",
        DefaultValueFactory = _ => s_default.TopK,
    };

    private readonly Option<float> _topP = new("--top-p")
    {
        Description = "Keep the smallest set of tokens with this much probability; 1 keeps all.",
        HelpName = "P",
        DefaultValueFactory = _ => s_default.TopP,
    };

    private readonly Option<float> _minP = new("--min-p")
    {
        Description = "Drop tokens below this fraction of the likeliest one's probability; 0 drops none.",
        HelpName = "P",
        DefaultValueFactory = _ => s_default.MinP,
    };

    private readonly Option<int> _maxTopK = new("--max-topk")
    {
        Description = "Tokens blended into one concept vector, or listed.",
        HelpName = "K",
        DefaultValueFactory = _ => s_default.MaxTopK,
    };

    private readonly Option[] _all;

    public MixArguments(Command command)
    {
        _all = [_temperature, _topK, _topP, _minP, _maxTopK];
        foreach (Option option in _all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The names of those that were written on the command line.</summary>
    public string Given(ParseResult parse) => string.Join(
        ", ", _all.Where(option => parse.GetResult(option) is { Implicit: false }).Select(option => option.Name));

    public MixOptions Read(ParseResult parse) => new()
    {
        Temperature = parse.GetValue(_temperature),
        TopK = parse.GetValue(_topK),
        TopP = parse.GetValue(_topP),
        MinP = parse.GetValue(_minP),
        MaxTopK = parse.GetValue(_maxTopK),
    };
}
