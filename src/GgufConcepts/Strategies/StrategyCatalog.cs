using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>The strategies by name, for the command line and for settings files.</summary>
public static class StrategyCatalog
{
    private static readonly Dictionary<string, Func<MixOptions, IStrategy>> s_makers = new(StringComparer.Ordinal)
    {
        ["soft"] = mix => new SoftThinking { Mix = mix },
        ["token"] = mix => new TokenDecoding { Mix = mix },
        ["hidden"] = mix => new HiddenState { Mix = mix },
    };

    /// <summary>Every name.</summary>
    public static IReadOnlyCollection<string> Names => s_makers.Keys;

    /// <summary>Makes the strategy of a name.</summary>
    /// <exception cref="ConceptInputException">No strategy has that name; the message lists those there
    /// are.</exception>
    public static IStrategy Make(string name, MixOptions mix)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(mix);
        return s_makers.TryGetValue(name, out Func<MixOptions, IStrategy>? make)
            ? make(mix)
            : throw new ConceptInputException($"No strategy '{name}'; use one of {string.Join(", ", Names)}.");
    }
}
