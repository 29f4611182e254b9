namespace GgufConcepts.Strategies;

/// <summary>A setting that a rule has.</summary>
/// <param name="Name">Its name, in camel case.</param>
/// <param name="Kind">What its value may be.</param>
/// <param name="Standard">Its default, as it would be written.</param>
/// <param name="Meaning">What it does, in a few words.</param>
public sealed record StrategySetting(string Name, SettingKind Kind, string Standard, string Meaning);

/// <summary>What the value of a setting may be.</summary>
public enum SettingKind
{
    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>; off unless given.</summary>
    Flag,

    /// <summary>One of a few names.</summary>
    Choice,
}
