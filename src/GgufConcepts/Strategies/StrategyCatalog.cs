namespace GgufConcepts.Strategies;

/// <summary>Rules by name, for the command line and for settings files. Immutable.</summary>
/// <remarks>To add a rule of your own: implement <see cref="IStrategy"/>, and
/// <c>StrategyCatalog.Standard.With(new StrategyDefinition(...))</c> is a catalog that knows it too.</remarks>
public sealed class StrategyCatalog
{
    private readonly Dictionary<string, StrategyDefinition> _definitions;

    private StrategyCatalog(IEnumerable<StrategyDefinition> definitions) =>
        _definitions = definitions.ToDictionary(definition => definition.Name);

    /// <summary>The rules of this library.</summary>
    public static StrategyCatalog Standard { get; } = new(
    [
        SoftThinking.Definition,
        TokenDecoding.Definition,
        HiddenState.Definition,
        FullMixture.Definition,
        MultiToken.Definition,
        MixtureOfInputs.Definition,
        SwitchThinking.Definition,
        SelectiveThinking.Definition,
        RouterThinking.Definition,
        NoisyMixture.Definition,
    ]);

    /// <summary>Every name.</summary>
    public IReadOnlyCollection<string> Names => _definitions.Keys;

    /// <summary>Every rule.</summary>
    public IReadOnlyCollection<StrategyDefinition> Definitions => _definitions.Values;

    /// <summary>A catalog that knows one rule more.</summary>
    /// <exception cref="ArgumentException">The name is taken, or is not one lower-case word.</exception>
    public StrategyCatalog With(StrategyDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition.Name.Length == 0 || !definition.Name.All(letter => letter is (>= 'a' and <= 'z') or '-'))
        {
            throw new ArgumentException(
                $"'{definition.Name}' is no name for a strategy; use one lower-case word.", nameof(definition));
        }

        return _definitions.ContainsKey(definition.Name)
            ? throw new ArgumentException($"There is a strategy '{definition.Name}' already.", nameof(definition))
            : new StrategyCatalog([.. Definitions, definition]);
    }

    /// <summary>Makes the rule of a name with its defaults.</summary>
    /// <exception cref="ConceptInputException">No rule has that name; the message lists those there are.</exception>
    public IStrategy Make(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Make(new StrategySpec(name));
    }

    /// <summary>Makes a rule with settings.</summary>
    /// <exception cref="ConceptInputException">There is no such rule, it has no such setting, or a value is
    /// unusable.</exception>
    public IStrategy Make(StrategySpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        StrategySettings settings = new(spec.Name, spec.Settings);
        IStrategy strategy = Find(spec.Name).Make(settings);
        string[] known = [.. settings.Known.Select(setting => setting.Name)];
        if (spec.Settings.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new ConceptInputException(
                $"The strategy '{spec.Name}' has no setting '{BriefText.Of(unknown)}'; it has {(known.Length > 0 ? string.Join(", ", known) : "none")}.");
        }

        return strategy.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : strategy;
    }

    /// <summary>Lists the settings that a rule has.</summary>
    /// <exception cref="ConceptInputException">No rule has that name.</exception>
    public IReadOnlyList<StrategySetting> SettingsOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        StrategySettings settings = new(name, new Dictionary<string, string>());
        Find(name).Make(settings);
        return settings.Known;
    }

    private StrategyDefinition Find(string name) => _definitions.TryGetValue(name, out StrategyDefinition? definition)
        ? definition
        : throw new ConceptInputException($"No strategy '{BriefText.Of(name)}'; use one of {string.Join(", ", Names)}.");
}
