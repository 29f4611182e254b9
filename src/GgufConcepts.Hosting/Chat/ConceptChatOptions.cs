using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GgufConcepts.Hosting.Chat;

/// <summary>Settings of a thought within the options of any chat client.</summary>
/// <remarks>They travel as JSON in <see cref="ChatOptions.AdditionalProperties"/>, in the form that
/// <see cref="ThinkSettings"/> takes: copies of the options keep them, and so does the key of a cache.</remarks>
public static class ConceptChatOptions
{
    /// <summary>The name that they have in <see cref="ChatOptions.AdditionalProperties"/>.</summary>
    public const string Key = "ggufconcepts";

    private const string Logprobs = "answerLogprobs"; // the one setting that traces do not hold

    /// <summary>What holds where nothing is said: the library's defaults, but an answer of up to 512 tokens.</summary>
    public static ThinkOptions Standard { get; } = new() { AnswerTokens = 512 };

    /// <summary>Asks for a thought before the answer.</summary>
    /// <param name="options">The options; they stay as they are.</param>
    /// <param name="think">How to think. Of <see cref="ThinkOptions.Chat"/> the template counts: the messages say the
    /// rest. What the options themselves say of the answer, of the seed and of the effort goes before it.</param>
    /// <returns>A copy that carries the settings.</returns>
    /// <exception cref="ConceptInputException">A setting is out of range, or cannot be written as JSON: a strategy that is
    /// none of <see cref="StrategyCatalog.Standard"/>, or another thought's vectors. Such are given by
    /// <see cref="ChatOptions.RawRepresentationFactory"/>, which no cache looks at.</exception>
    public static ChatOptions WithConcepts(this ChatOptions options, ThinkOptions think)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(think);
        if (!StrategyCatalog.Standard.Names.Contains(think.Strategy.Name))
        {
            throw Untold(think.Strategy);
        }

        JsonObject settings = think.Settings;
        settings["strategy"] = think.Strategy.Name;
        settings["seed"] = think.Seed;
        if (Read(settings).Strategy.GetType() != think.Strategy.GetType())
        {
            throw Untold(think.Strategy); // one of the same name
        }

        if (think.AnswerLogprobs is { } count)
        {
            settings[Logprobs] = count;
        }

        ChatOptions copy = options.Clone();
        (copy.AdditionalProperties ??= [])[Key] = JsonElement.Parse(settings.ToJsonString());
        return copy;
    }

    /// <summary>Asks for a thought before the answer.</summary>
    /// <param name="options">The options; they stay as they are.</param>
    /// <param name="configure">Changes the settings that the options carry, or else <see cref="Standard"/>.</param>
    /// <returns>A copy that carries the settings.</returns>
    /// <exception cref="ConceptInputException">A setting is out of range, or cannot be written as JSON.</exception>
    public static ChatOptions WithConcepts(this ChatOptions options, Func<ThinkOptions, ThinkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configure);
        return options.WithConcepts(configure(Find(options) ?? Standard));
    }

    /// <summary>The settings that options carry; null where they carry none.</summary>
    /// <exception cref="ConceptInputException">They are no settings.</exception>
    internal static ThinkOptions? Find(ChatOptions? options)
    {
        if (options?.AdditionalProperties is not { } properties || !properties.TryGetValue(Key, out object? carried))
        {
            return null;
        }

        JsonObject settings = carried switch // by hand, or come through JSON
        {
            JsonElement { ValueKind: JsonValueKind.Object } element => JsonObject.Create(element)!,
            JsonObject node => (JsonObject)node.DeepClone(),
            _ => throw new ConceptInputException(
                $"AdditionalProperties[\"{Key}\"] is {(carried is null ? "null" : $"a {carried.GetType().Name}")}; " +
                $"use {nameof(WithConcepts)}, or a JSON object."),
        };
        JsonNode? logprobs = settings[Logprobs];
        settings.Remove(Logprobs);
        ThinkOptions think = Read(settings);
        return logprobs is null
            ? think
            : logprobs.GetValueKind() == JsonValueKind.Number && logprobs.AsValue().TryGetValue(out int count)
                ? think with { AnswerLogprobs = count }
                : throw new ConceptInputException($"{Logprobs} is {logprobs.ToJsonString()}; use a whole number.");
    }

    private static ThinkOptions Read(JsonObject settings) => ThinkSettings.Read(settings, Standard);

    private static ConceptInputException Untold(IStrategy strategy) => new(
        $"The strategy '{strategy.Name}' ({strategy.GetType().Name}) is none of the library's, so that chat options cannot carry it " +
        "as JSON; return the ThinkOptions from their RawRepresentationFactory instead.");
}
