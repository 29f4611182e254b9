using System.Globalization;
using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>Settings of a rule by name, as a command line or a settings file gives them.</summary>
/// <remarks>
/// A rule's definition reads what it knows, with the default and a word on the meaning; that reading is also the list of
/// what there is. A name that nothing read is refused by the <see cref="StrategyCatalog"/>. Numbers are written as in
/// C#, whatever the language of the machine.
/// </remarks>
public sealed class StrategySettings
{
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly List<StrategySetting> _known = [];

    internal StrategySettings(string strategy, IReadOnlyDictionary<string, string> values)
    {
        Strategy = strategy;
        _values = values;
    }

    /// <summary>The rule they are for.</summary>
    public string Strategy { get; }

    /// <summary>What was asked for so far.</summary>
    internal IReadOnlyList<StrategySetting> Known => _known;

    /// <summary>Reads temperature, filters and the number of tokens kept.</summary>
    /// <param name="standard">The rule's own defaults.</param>
    public MixOptions Mix(MixOptions? standard = null)
    {
        standard ??= MixOptions.Default;
        return new MixOptions
        {
            Temperature = Number("temperature", standard.Temperature, "softmax temperature, above 0; lower is sharper"),
            TopK = WholeNumber("topK", standard.TopK, "keep the K likeliest tokens; 0 keeps all"),
            TopP = Number("topP", standard.TopP, "keep the smallest set of tokens with this much probability; 1 keeps all"),
            MinP = Number("minP", standard.MinP, "drop tokens below this fraction of the likeliest one's probability"),
            MaxTopK = WholeNumber("maxTopK", standard.MaxTopK, "most tokens in a mixture, or listed"),
        };
    }

    /// <summary>Reads a whole number.</summary>
    /// <exception cref="ConceptInputException">It is none.</exception>
    public int WholeNumber(string name, int standard, string meaning) =>
        !Reads(name, standard.ToString(CultureInfo.InvariantCulture), meaning, SettingKind.WholeNumber, out string value) ? standard
        : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
        : throw Unusable(name, value, $"a whole number of at most {int.MaxValue}");

    /// <summary>Reads a number.</summary>
    /// <exception cref="ConceptInputException">It is none.</exception>
    public float Number(string name, float standard, string meaning) =>
        !Reads(name, standard.ToString(CultureInfo.InvariantCulture), meaning, SettingKind.Number, out string value) ? standard
        : float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number
        : throw Unusable(name, value, "a number, such as 0.7");

    /// <summary>Reads a switch, off unless given.</summary>
    /// <exception cref="ConceptInputException">It is neither <c>true</c> nor <c>false</c>.</exception>
    public bool Flag(string name, string meaning) =>
        Reads(name, "false", meaning, SettingKind.Flag, out string value)
        && (bool.TryParse(value, out bool on) ? on : throw Unusable(name, value, "true or false"));

    /// <summary>Reads one of a few names.</summary>
    /// <exception cref="ConceptInputException">It is none of them.</exception>
    public TEnum Choice<TEnum>(string name, TEnum standard, string meaning)
        where TEnum : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(meaning);
        string choices = string.Join('|', Enum.GetNames<TEnum>().Select(choice => choice.ToLowerInvariant()));
        return !Reads(name, standard.ToString().ToLowerInvariant(), $"{choices}: {meaning}", SettingKind.Choice, out string value) ? standard
            : choices.Split('|').Contains(value) ? Enum.Parse<TEnum>(value, ignoreCase: true)
            : throw Unusable(name, value, $"one of {choices.Replace("|", ", ", StringComparison.Ordinal)}");
    }

    private bool Reads(string name, string standard, string meaning, SettingKind kind, out string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(meaning);
        _known.Add(new StrategySetting(name, kind, standard, meaning));
        return _values.TryGetValue(name, out value!);
    }

    private ConceptInputException Unusable(string name, string value, string wanted) =>
        new($"{name} of the strategy '{Strategy}' is '{BriefText.Of(value)}'; use {wanted}.");
}
