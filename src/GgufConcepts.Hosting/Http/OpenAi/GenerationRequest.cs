using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>What a client asks of <c>/v1/completions</c> or <c>/v1/chat/completions</c>, beside the text.</summary>
/// <param name="Think">How to think and to answer; the seed is the first choice's.</param>
/// <param name="Choices">Answers to one text.</param>
/// <param name="Streams">Whether they are wanted as they come.</param>
/// <param name="WantsUsage">Whether a stream ends with the counts of tokens.</param>
internal sealed record GenerationRequest(ThinkOptions Think, int Choices, bool Streams, bool WantsUsage)
{
    /// <summary>Reads the fields that both have.</summary>
    /// <param name="fields">The request's.</param>
    /// <param name="answerTokens">Most tokens of the answer where the client says nothing.</param>
    /// <exception cref="ConceptInputException">A field is of the wrong type or out of range.</exception>
    /// <exception cref="HttpProblemException">It asks for something that is not done here.</exception>
    public static GenerationRequest Read(JsonFields fields, int answerTokens)
    {
        ThinkOptions think = ReadThought(fields, new ThinkOptions
        {
            Answer = new TokenDecoding(), // drawn at temperature 1, as these clients expect
            AnswerTokens = answerTokens,
            Seed = unchecked((ulong)Random.Shared.NextInt64()),
        });
        think = think with
        {
            Answer = ReadDecoding(fields, think.Answer),
            AnswerTokens = ReadTokens(fields) ?? think.AnswerTokens,
            StopTexts = CappedFields.Stops(fields, "stop") ?? think.StopTexts,
            Seed = ReadSeed(fields) ?? think.Seed,
        };
        JsonFields? stream = fields.Nested("stream_options");
        bool? usage = stream?.Flag("include_usage");
        stream?.Flag("include_obfuscation");
        stream?.RefuseOthers();
        int choices = CappedFields.Within(fields, "n", 1, RequestCaps.Choices) ?? 1;
        Unsupported.Check(fields, choices);
        return new GenerationRequest(think, choices, fields.Flag("stream") == true, usage == true);
    }

    /// <summary>The thoughts that the choices of some texts are: they differ in what they draw.</summary>
    public IReadOnlyList<AskedThought> Thoughts(IEnumerable<string> prompts) =>
    [
        .. prompts.SelectMany(prompt => Enumerable.Range(0, Choices).Select(
            i => new AskedThought(prompt, Think with { Seed = unchecked(Think.Seed + (ulong)i) }))),
    ];

    /// <summary>Checks everything that can be before the model is asked.</summary>
    /// <exception cref="ConceptInputException">Something is out of range.</exception>
    public static ThinkOptions Checked(ThinkOptions think) => think.FindProblems() is { Count: > 0 } problems
        ? throw new ConceptInputException(string.Join(" ", problems))
        : think;

    /// <summary>Reads a whole number within bounds.</summary>
    public static int? Within(JsonFields fields, string name, int least, int most) => CappedFields.Within(fields, name, least, most);

    /// <summary>There is a thought where one is asked for: by our own object, or by an effort.</summary>
    private static ThinkOptions ReadThought(JsonFields fields, ThinkOptions standard)
    {
        ThinkOptions think = fields.Nested("concept") is { } concept
            ? CappedFields.Thought(concept, standard)
            : standard with { MaxSteps = 0 };
        return fields.Text("reasoning_effort") is { } effort ? think with { MaxSteps = ReadEffort(effort) } : think;
    }

    private static int ReadEffort(string effort)
    {
        try
        {
            return ThoughtSteps.Of(effort);
        }
        catch (ConceptInputException problem)
        {
            throw HttpProblem.Invalid("reasoning_effort", problem.Message);
        }
    }

    private static int? ReadTokens(JsonFields fields)
    {
        int? newer = CappedFields.Within(fields, "max_completion_tokens", 0, RequestCaps.AnswerTokens);
        return CappedFields.Within(fields, "max_tokens", 0, RequestCaps.AnswerTokens) is { } older && newer is null ? older : newer;
    }

    private static ulong? ReadSeed(JsonFields fields) => fields.Node("seed") switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out long number) => unchecked((ulong)number),
        JsonNode other => throw fields.Unusable("seed", other, "a whole number of 64 bits"),
    };

    private static TokenDecoding ReadDecoding(JsonFields fields, TokenDecoding standard)
    {
        (float? temperature, float? topP) = (fields.ShortNumber("temperature"), fields.ShortNumber("top_p"));
        (int? topK, float? minP) = (fields.Whole("top_k"), fields.ShortNumber("min_p"));
        if (temperature is < 0 or > 100)
        {
            throw HttpProblem.Invalid("temperature", $"temperature is {temperature}; use 0 to 100.");
        }

        if (topP is not null and not (> 0 and <= 1))
        {
            throw HttpProblem.Invalid("top_p", $"top_p is {topP}; use a number above 0 and at most 1.");
        }

        if (topK is < 0)
        {
            throw HttpProblem.Invalid("top_k", $"top_k is {topK}; use 1 or more, or 0 to switch it off.");
        }

        if (minP is not null and not (>= 0 and < 1))
        {
            throw HttpProblem.Invalid("min_p", $"min_p is {minP}; use 0 (off) to just below 1.");
        }

        if (temperature is > 0 && new MixOptions { Temperature = temperature.Value }.FindProblems() is { Count: > 0 } problems)
        {
            throw HttpProblem.Invalid("temperature", string.Join(" ", problems));
        }

        return (temperature, topP, topK, minP) is (null, null, null, null) ? standard : new TokenDecoding
        {
            Greedy = temperature == 0 || (temperature is null && standard.Greedy),
            Mix = standard.Mix with
            {
                Temperature = temperature is null or 0 ? standard.Mix.Temperature : temperature.Value,
                TopP = topP ?? standard.Mix.TopP,
                TopK = topK ?? standard.Mix.TopK,
                MinP = minP ?? standard.Mix.MinP,
            },
        };
    }
}
