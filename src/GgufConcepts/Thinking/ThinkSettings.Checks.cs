using GgufConcepts.Mixing;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

public static partial class ThinkSettings
{
    /// <summary>Refuses options by the field that is to blame: each value is tried alone among defaults, and what then is
    /// left to blame is how they go together.</summary>
    private static void Refuse(JsonFields fields, ThinkOptions options)
    {
        ThinkOptions plain = new();
        ColdStop cold = plain.ColdStop;
        RefuseField(fields, "maxSteps", (plain with { MaxSteps = options.MaxSteps }).FindProblems());
        RefuseField(fields, "chunk", (plain with { ChunkLength = options.ChunkLength }).FindProblems());
        RefuseField(fields, "stopEntropy", (cold with { Entropy = options.ColdStop.Entropy }).FindProblems());
        RefuseField(fields, "stopPatience", (cold with { Patience = options.ColdStop.Patience }).FindProblems());
        RefuseField(fields, "answer.maxTokens", (plain with { AnswerTokens = options.AnswerTokens }).FindProblems());
        RefuseField(fields, "answer.stop", (plain with { StopTexts = options.StopTexts }).FindProblems());
        RefuseField(fields, options.ChunkLength > 0 ? "chunk" : "strategy", options.FindProblems());
    }

    private static void Refuse(JsonFields fields, ReadOptions options)
    {
        ReadOptions plain = new();
        RefuseField(fields, "prompt", (plain with { Prompt = options.Prompt }).FindProblems());
        RefuseField(fields, "maxTokens", (plain with { MaxTokens = options.MaxTokens }).FindProblems());
        RefuseField(fields, "repeat", (plain with { Repeat = options.Repeat }).FindProblems());
        RefuseField(fields, "readings", (plain with { Readings = options.Readings }).FindProblems());
        RefuseMix(fields, "draw.", options.Draw);
    }

    private static void RefuseMix(JsonFields fields, string place, MixOptions mix, string of = "")
    {
        RefuseField(fields, place + "temperature", new MixOptions { Temperature = mix.Temperature }.FindProblems(), of);
        RefuseField(fields, place + "topK", new MixOptions { TopK = mix.TopK }.FindProblems(), of);
        RefuseField(fields, place + "topP", new MixOptions { TopP = mix.TopP }.FindProblems(), of);
        RefuseField(fields, place + "minP", new MixOptions { MinP = mix.MinP }.FindProblems(), of);
        RefuseField(fields, place + "maxTopK", new MixOptions { MaxTopK = mix.MaxTopK }.FindProblems(), of);
    }

    private static void RefuseField(JsonFields fields, string name, IReadOnlyList<string> problems, string of = "")
    {
        if (problems.Count > 0)
        {
            throw new ConceptInputException(of + string.Join(" ", problems)) { Field = fields.NameOf(name) };
        }
    }

    /// <summary>Makes the strategy; a setting that would be refused alone is the field to blame.</summary>
    private static IStrategy Make(JsonFields fields, StrategySpec spec, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        foreach (KeyValuePair<string, string> setting in settings)
        {
            Blame(fields.NameOf(setting.Key), () => StrategyCatalog.Standard.Make(new StrategySpec(spec.Name).With([setting])));
        }

        return Blame(fields.NameOf("strategy"), () => StrategyCatalog.Standard.Make(spec.With(settings)));
    }

    /// <summary>Has whatever is refused name a field.</summary>
    private static T Blame<T>(string field, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ConceptInputException problem) when (problem.Field is null)
        {
            throw new ConceptInputException(problem.Message, problem) { Field = field };
        }
    }
}
