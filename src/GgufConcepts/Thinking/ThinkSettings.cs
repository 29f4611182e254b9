using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Mixing;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Reads a thought's options from JSON: requests, lines of a batch, the settings of a trace.</summary>
/// <remarks>The fields are those of <see cref="ThinkOptions.Settings"/>, the strategy's own among them, and
/// <c>strategy</c> (a name, or <c>soft:maxTopK=4</c>), <c>preset</c> and <c>seed</c>. Those left out keep their
/// defaults.</remarks>
public static partial class ThinkSettings
{
    private const string OwnTemplate = "model"; // as a trace calls it

    /// <summary>Reads options.</summary>
    /// <param name="settings">The fields.</param>
    /// <param name="standard">What holds for fields left out; null for the defaults.</param>
    /// <exception cref="ConceptInputException">A field is unknown, of the wrong type or out of range; the message names
    /// it.</exception>
    public static ThinkOptions Read(JsonObject settings, ThinkOptions? standard = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Read(new JsonFields(settings), standard);
    }

    /// <summary>Reads options out of fields that nothing else has read.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="standard">What holds for fields left out; null for the defaults.</param>
    /// <exception cref="ConceptInputException">A field is unknown, of the wrong type or out of range; the message names
    /// it.</exception>
    public static ThinkOptions Read(JsonFields fields, ThinkOptions? standard = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Preset? preset = fields.Text("preset") is { } name
            ? Blame(fields.NameOf("preset"), () => PresetCatalog.Find(name))
            : null;
        standard = preset?.Options ?? standard ?? new ThinkOptions();
        ThinkOptions options = standard with
        {
            Chat = ReadChat(fields, standard.Chat),
            MaxSteps = fields.Whole("maxSteps") ?? standard.MaxSteps,
            FixedLength = fields.Flag("fixedLength") ?? standard.FixedLength,
            ColdStop = new ColdStop
            {
                Entropy = fields.Number("stopEntropy") ?? standard.ColdStop.Entropy,
                Patience = fields.Whole("stopPatience") ?? standard.ColdStop.Patience,
            },
            ChunkLength = fields.Whole("chunk") ?? standard.ChunkLength,
            ThinkStart = fields.Text("thinkStart") ?? standard.ThinkStart,
            ThinkEnd = fields.Text("thinkEnd") ?? standard.ThinkEnd,
            Reader = ReadReader(fields, standard.Reader),
            Seed = fields.Seed("seed") ?? standard.Seed,
        };
        options = ReadAnswer(fields.Nested("answer"), options);
        options = options with { Strategy = ReadStrategy(fields, preset, standard.Strategy) };
        Refuse(fields, options);
        return options;
    }

    /// <summary>Options as <see cref="Read(JsonObject, ThinkOptions?)"/> reads them: all of them, defaults filled in, but
    /// for another thought's vectors and for log-probabilities.</summary>
    public static JsonObject Write(ThinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        JsonObject settings = options.Settings;
        settings["strategy"] = options.Strategy.Name;
        settings["seed"] = options.Seed;
        return settings;
    }

    /// <summary>Reads a reader's options out of fields, some of which may be somebody else's.</summary>
    /// <param name="fields">The fields: those of <see cref="ReadOptions.Settings"/>.</param>
    /// <param name="standard">What holds for fields left out; null for the defaults.</param>
    /// <exception cref="ConceptInputException">A field is of the wrong type or out of range; the message names it.</exception>
    public static ReadOptions ReadReading(JsonFields fields, ReadOptions? standard = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        standard ??= new ReadOptions();
        ReadOptions read = standard with
        {
            Prompt = fields.Text("prompt") ?? standard.Prompt,
            MaxTokens = fields.Whole("maxTokens") ?? standard.MaxTokens,
            Repeat = fields.Whole("repeat") ?? standard.Repeat,
            Readings = fields.Whole("readings") ?? standard.Readings,
            Draw = fields.Nested("draw") is { } draw ? ReadMix(draw, standard.Draw, refuseOthers: true) : standard.Draw,
            Faithfulness = fields.Flag("faithfulness") ?? standard.Faithfulness,
            Controls = fields.Flag("controls") ?? standard.Controls,
        };
        Refuse(fields, read);
        return fields.Node("other") is { } other
            ? throw fields.Unusable("other", other, "null: another thought's vectors come with no settings")
            : read;
    }

    private static ChatOptions? ReadChat(JsonFields fields, ChatOptions? standard)
    {
        if (!fields.Has("chat"))
        {
            return standard;
        }

        if (fields.Node("chat") is null or JsonValue)
        {
            return fields.Flag("chat") == true ? new ChatOptions() : null;
        }

        JsonFields chat = fields.Nested("chat")!;
        string? template = chat.Text("template");
        ChatOptions read = new()
        {
            Template = template == OwnTemplate ? null : template,
            System = chat.Text("system"),
            History = [.. ReadHistory(chat)],
        };
        chat.RefuseOthers();
        return read;
    }

    private static IEnumerable<ChatTurn> ReadHistory(JsonFields chat)
    {
        if (chat.Node("history") is not { } history)
        {
            yield break;
        }

        if (history is not JsonArray turns)
        {
            throw chat.Unusable("history", history, "a list of messages");
        }

        foreach (JsonNode? turn in turns)
        {
            JsonFields said = turn is JsonObject json
                ? new JsonFields(json, chat.NameOf("history."))
                : throw chat.Unusable("history", history, "messages such as {\"role\": \"user\", \"text\": \"Hello\"}");
            (string? role, string? text) = (said.Text("role"), said.Text("text"));
            said.RefuseOthers();
            yield return new ChatTurn(
                Enum.GetValues<ChatRole>().FirstOrDefault(each => Models.ChatTemplate.NameOf(each) == role, (ChatRole)(-1)) is var found
                    && found >= 0
                        ? found
                        : throw new ConceptInputException($"{said.NameOf("role")} is '{BriefText.Of(role ?? "null")}'; use system, user or assistant.") { Field = said.NameOf("role") },
                text ?? throw said.Missing("text", "what was said"));
        }
    }

    private static ReadOptions? ReadReader(JsonFields fields, ReadOptions? standard)
    {
        if (!fields.Has("reader"))
        {
            return standard;
        }

        if (fields.Node("reader") is null or JsonValue)
        {
            return fields.Flag("reader") == true ? standard ?? new ReadOptions() : null;
        }

        JsonFields reader = fields.Nested("reader")!;
        ReadOptions read = ReadReading(reader, standard);
        reader.RefuseOthers();
        return read;
    }

    private static ThinkOptions ReadAnswer(JsonFields? answer, ThinkOptions options)
    {
        if (answer is null)
        {
            return options;
        }

        MixOptions mix = ReadMix(answer, options.Answer.Mix, refuseOthers: false);
        bool? greedy = answer.Flag("greedy");
        ThinkOptions read = options with
        {
            AnswerTokens = answer.Whole("maxTokens") ?? options.AnswerTokens,
            StopTexts = answer.Texts("stop") ?? options.StopTexts,
            Answer = new TokenDecoding
            {
                Mix = mix,
                Greedy = greedy ?? (options.Answer.Greedy && mix == options.Answer.Mix), // whoever says how to draw wants a draw
            },
        };
        answer.RefuseOthers();
        RefuseMix(answer, "", mix, "Of the answer: ");
        return read;
    }

    private static MixOptions ReadMix(JsonFields fields, MixOptions standard, bool refuseOthers)
    {
        MixOptions mix = new()
        {
            Temperature = fields.ShortNumber("temperature") ?? standard.Temperature,
            TopK = fields.Whole("topK") ?? standard.TopK,
            TopP = fields.ShortNumber("topP") ?? standard.TopP,
            MinP = fields.ShortNumber("minP") ?? standard.MinP,
            MaxTopK = fields.Whole("maxTopK") ?? standard.MaxTopK,
        };
        if (refuseOthers)
        {
            fields.RefuseOthers();
        }

        return mix;
    }

    /// <summary>The strategy: fields that are nobody else's are its settings.</summary>
    private static IStrategy ReadStrategy(JsonFields fields, Preset? preset, IStrategy standard)
    {
        StrategySpec? asked = fields.Text("strategy") is { } text
            ? Blame(fields.NameOf("strategy"), () => StrategySpec.ParseList(text)) is [var only]
                ? only
                : throw new ConceptInputException($"strategy is '{BriefText.Of(text)}'; name one.") { Field = fields.NameOf("strategy") }
            : null;
        if (asked is not null && preset is not null && asked.Name != preset.Strategy.Name)
        {
            throw new ConceptInputException(
                $"The preset {preset.Name} is one of '{preset.Strategy.Name}', and strategy names '{BriefText.Of(asked.Name)}'; leave one of them out.")
            {
                Field = fields.NameOf("strategy"),
            };
        }

        fields.Node("machine"); // where a trace ran, not how
        StrategySpec spec = preset?.Strategy.With(asked?.Settings.AsEnumerable() ?? []) ?? asked ?? Describe(standard);
        string[] own =
        [
            .. Blame(fields.NameOf("strategy"), () => StrategyCatalog.Standard.SettingsOf(spec.Name)).Select(setting => setting.Name),
        ];
        if (fields.Others.FirstOrDefault(field => !own.Contains(field.Key)) is { Key: { } other })
        {
            string unknown = BriefText.Of(other);
            throw new ConceptInputException(
                $"There is no field {fields.NameOf(unknown)}; there are {string.Join(", ", fields.Known)}, and of the strategy " +
                $"'{spec.Name}' {string.Join(", ", own)}.")
            {
                Field = fields.NameOf(unknown),
            };
        }

        KeyValuePair<string, string>[] settings =
            [.. fields.Others.Where(field => field.Value is not null).Select(field => Setting(fields, field.Key))];
        return asked is null && preset is null && settings is [] ? standard : Make(fields, spec, settings);
    }

    /// <summary>A strategy as it would be written, so that single settings can be changed.</summary>
    private static StrategySpec Describe(IStrategy strategy) => new StrategySpec(strategy.Name).With(
        strategy.Settings.Where(setting => setting.Value is not null).Select(
            setting => new KeyValuePair<string, string>(setting.Key, Written(setting.Value!))));

    private static KeyValuePair<string, string> Setting(JsonFields fields, string name)
    {
        JsonNode value = fields.Node(name)!;
        return value is JsonValue
            ? new KeyValuePair<string, string>(name, Written(value))
            : throw fields.Unusable(name, value, "a number, a name, true or false");
    }

    private static string Written(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
