using System.CommandLine;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Arguments;

/// <summary>How the reader is asked, and how closely it is watched.</summary>
internal sealed class ReadArguments
{
    private static readonly ReadOptions s_default = new();

    private readonly Option<string> _prompt = new("--read-prompt")
    {
        Description = "What the reader is asked, by name: " +
            string.Join(", ", ReadTemplate.All.Select(template => $"{template.Name} ({template.Use})")) +
            $"; or a text of your own with {ReadOptions.VectorsSlot} where the vectors go; \\n is a line break.",
        HelpName = "NAME|TEXT",
        DefaultValueFactory = _ => ReadTemplate.Meaning.Name,
    };

    private readonly Option<int> _tokens = new("--read-tokens")
    {
        Description = "Most tokens of a reading, which also ends at a line break.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.MaxTokens,
    };

    private readonly Option<int> _repeat = new("--repeat")
    {
        Description = "Copies of the vector where only one is read; 5 can divide a superposition more truly.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.Repeat,
    };

    private readonly Option<int> _readings = new("--readings")
    {
        Description = "Draw N readings beside the likeliest one and show which share each has.",
        HelpName = "N",
    };

    private readonly Option<float> _temperature = new("--read-temperature")
    {
        Description = "Temperature of drawn readings, above 0; 1 draws what the model believes.",
        HelpName = "T",
        DefaultValueFactory = _ => s_default.Draw.Temperature,
    };

    private readonly Option<float> _topP = new("--read-top-p")
    {
        Description = "Draw readings from the smallest set of tokens with this much probability; 1 keeps all.",
        HelpName = "P",
        DefaultValueFactory = _ => s_default.Draw.TopP,
    };

    private readonly Option<bool> _faithfulness = new("--faithfulness")
    {
        Description = "Say how far the words follow from the vectors: how much less probable they are, each and together, " +
            "where the vectors' mean stands in their place. 0: the reader makes them up. A reading is at most as faithful as it is " +
            "probable, so a superposition's has its share, and long ones have little: look at the nats there.",
    };

    private readonly Option<bool> _controls = new("--controls")
    {
        Description = "Read other vectors in the same place: the mean of these; their numbers shuffled; another thought's. " +
            "Words that come from those as well are no reading.",
    };

    private readonly Option<string?> _other = new("--other")
    {
        Description = "The other thought of --controls, saved with think --trace. Default: one about \"The woman\".",
        HelpName = "TRACE",
    };

    private readonly Option[] _all;

    public ReadArguments(Command command)
    {
        _all = [_prompt, _tokens, _repeat, _readings, _temperature, _topP, _faithfulness, _controls, _other];
        foreach (Option option in _all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether anything about reading was written on the command line.</summary>
    public bool IsGiven(ParseResult parse) => _all.Any(option => parse.GetResult(option) is { Implicit: false });

    /// <summary>Whether a reading prompt was written on the command line.</summary>
    public bool NamesPrompt(ParseResult parse) => parse.GetResult(_prompt) is { Implicit: false };

    /// <summary>Whether <c>--other</c> was written on the command line.</summary>
    public bool NamesOther(ParseResult parse) => parse.GetValue(_other) is not null;

    /// <summary>The names of those written on the command line that say nothing about how single words are asked
    /// for.</summary>
    public string GivenBesidePrompt(ParseResult parse) => string.Join(
        ", ",
        _all.Except([_prompt, _tokens, _repeat]).Where(option => parse.GetResult(option) is { Implicit: false }).Select(option => option.Name));

    public ReadOptions Read(ParseResult parse) => parse.GetValue(_other) is not null && !parse.GetValue(_controls)
        ? throw new ConceptInputException("--other names a thought for --controls; add that, or leave --other out.")
        : new()
        {
            Prompt = parse.GetValue(_prompt)!.Replace("\\n", "\n", StringComparison.Ordinal),
            MaxTokens = parse.GetValue(_tokens),
            Repeat = parse.GetValue(_repeat),
            Readings = parse.GetValue(_readings),
            Draw = new MixOptions { Temperature = parse.GetValue(_temperature), TopP = parse.GetValue(_topP) },
            Faithfulness = parse.GetValue(_faithfulness),
            Controls = parse.GetValue(_controls),
        };

    /// <summary>Adds the other thought where controls were asked for: the saved one, or one thought now.</summary>
    /// <param name="options">What <see cref="Read"/> gave.</param>
    /// <param name="parse">The command line.</param>
    /// <param name="model">The model that reads.</param>
    /// <param name="session">A session of it, not in use.</param>
    /// <param name="count">Vectors in one reading, at most.</param>
    /// <param name="prompt">What they were thought about, where that is known.</param>
    /// <param name="cancellation">Stops within a step.</param>
    public ReadOptions WithOther(
        ReadOptions options,
        ParseResult parse,
        ConceptModel model,
        ConceptSession session,
        int count,
        string? prompt,
        CancellationToken cancellation)
    {
        if (!options.Controls)
        {
            return options;
        }

        if (parse.GetValue(_other) is not { } path)
        {
            return options with { Other = OtherThoughts.Think(session, count, prompt, cancellation) };
        }

        float[] vectors = TraceVectors.Rebuild(TraceJson.Load(path), model.Info, session.Embeddings);
        return vectors.Length > 0
            ? options with { Other = new OtherThought(path, vectors) }
            : throw new ConceptInputException($"{path} holds no steps, so --other has nothing to read in it.");
    }
}
