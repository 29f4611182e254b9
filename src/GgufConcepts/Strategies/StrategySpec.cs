namespace GgufConcepts.Strategies;

/// <summary>A rule's name and the settings that were given, before it is made.</summary>
/// <param name="Name">The rule.</param>
/// <param name="Settings">Settings by name; those left out have their defaults.</param>
public sealed record StrategySpec(string Name, IReadOnlyDictionary<string, string> Settings)
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>A rule with its defaults.</summary>
    public StrategySpec(string name)
        : this(name ?? throw new ArgumentNullException(nameof(name)), s_none)
    {
    }

    /// <summary>As it is written: <c>soft:maxTopK=2,temperature=0.6</c>.</summary>
    public override string ToString() => Settings.Count == 0
        ? Name
        : $"{Name}:{string.Join(',', Settings.Select(setting => $"{setting.Key}={setting.Value}"))}";

    /// <summary>Adds settings; one that is there already is replaced.</summary>
    public StrategySpec With(IEnumerable<KeyValuePair<string, string>> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        Dictionary<string, string> all = new(Settings);
        foreach ((string name, string value) in more)
        {
            all[name] = value;
        }

        return this with { Settings = all };
    }

    /// <summary>Reads a list such as <c>full,soft:maxTopK=2,temperature=0.6,moi</c>.</summary>
    /// <remarks>Names are divided by commas, settings follow a colon; a part with an equals sign and no colon is one
    /// more setting of the name before it.</remarks>
    /// <exception cref="ConceptInputException">It is no such list; says which part is wrong.</exception>
    public static IReadOnlyList<StrategySpec> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<StrategySpec> specs = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int colon = part.IndexOf(':', StringComparison.Ordinal);
            string name = colon >= 0 ? part[..colon] : part.Contains('=', StringComparison.Ordinal) ? "" : part;
            string setting = colon >= 0 ? part[(colon + 1)..] : name.Length == 0 ? part : "";
            if (name.Length > 0)
            {
                specs.Add(new StrategySpec(name));
            }

            bool continues = name.Length == 0 && colon < 0 && specs.Count > 0;
            bool unfinished = part.Length == 0 || part.EndsWith(':');
            if (unfinished || (name.Length == 0 && !continues))
            {
                throw Unreadable(text, part);
            }

            if (setting.Length > 0)
            {
                int equals = setting.IndexOf('=', StringComparison.Ordinal);
                if (equals < 1)
                {
                    throw Unreadable(text, part);
                }

                string key = setting[..equals];
                specs[^1] = !specs[^1].Settings.ContainsKey(key)
                    ? specs[^1].With([new(key, setting[(equals + 1)..])])
                    : throw new ConceptInputException($"The strategy '{BriefText.Of(specs[^1].Name)}' is given {BriefText.Of(key)} twice; leave one out.");
            }
        }

        return specs;
    }

    private static ConceptInputException Unreadable(string text, string part) => new(
        $"'{BriefText.Of(part)}' in '{BriefText.Of(text)}' is no strategy; write NAME or NAME:SETTING=VALUE,SETTING=VALUE, such as soft:maxTopK=4.");
}
