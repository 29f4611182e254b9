using System.CommandLine;
using System.Globalization;
using GgufConcepts.Evaluation;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Arguments;

/// <summary>Which rule thinks, with an option for every setting that any rule has: the rules themselves name them.</summary>
internal sealed class StrategyArguments
{
    private static readonly StrategyCatalog s_catalog = StrategyCatalog.Standard;

    private readonly Option<string?> _strategy = new("--strategy", "-s")
    {
        Description = "What is fed back, such as soft, or soft:maxTopK=4,temperature=0.6:\n" + string.Join(
            '\n', s_catalog.Definitions.Select(rule => $"{rule.Name}: {rule.Summary}")),
        HelpName = "NAME",
    };

    private readonly Option<string?> _preset = new("--preset")
    {
        HelpName = "NAME",
    };

    private readonly Dictionary<string, Option> _settings = [];

    /// <param name="command">The command that gets the options.</param>
    /// <param name="whole">Whether a preset's steps, stops and answer count too, not its strategy alone.</param>
    public StrategyArguments(Command command, bool whole = false)
    {
        _preset.Description = (whole
            ? "Published settings whole; other options change them:\n"
            : "The strategy of published settings:\n") + string.Join(
            '\n', PresetCatalog.All.Select(preset => $"{preset.Name}: {preset.Summary} ({preset.Source})"));
        command.Options.Add(_strategy);
        command.Options.Add(_preset);
        foreach (IGrouping<string, Use> group in s_catalog.Names
            .SelectMany(rule => s_catalog.SettingsOf(rule).Select(setting => new Use(rule, setting)))
            .GroupBy(use => use.Setting.Name))
        {
            Option option = NewOption(group.First().Setting.Kind, OptionName(group.Key));
            option.Description = Describe([.. group]);
            _settings.Add(group.Key, option);
            command.Options.Add(option);
        }
    }

    /// <summary>The names of those settings that were written on the command line.</summary>
    public string Given(ParseResult parse) => string.Join(", ", GivenSettings(parse).Select(setting => OptionName(setting.Key)));

    /// <summary>The preset that was asked for, if one was.</summary>
    public Preset? Preset(ParseResult parse) =>
        parse.GetValue(_preset) is { } name ? PresetCatalog.Find(name) : null;

    /// <summary>The rules that were asked for, with the settings given beside them; none where none was.</summary>
    public IReadOnlyList<StrategySpec> ReadList(ParseResult parse)
    {
        IReadOnlyList<StrategySpec> specs = parse.GetValue(_strategy) is { } text ? StrategySpec.ParseList(text)
            : Preset(parse) is { } preset ? [preset.Strategy]
            : [];
        return [.. specs.Select(spec => spec.With(GivenSettings(parse)))];
    }

    /// <summary>What is to be measured side by side: rules, or presets by their names; none where none was named.</summary>
    public IReadOnlyList<EvalStrategy> ReadMeasured(ParseResult parse)
    {
        Preset? preset = Preset(parse);
        IReadOnlyList<StrategySpec> specs = parse.GetValue(_strategy) is { } text ? StrategySpec.ParseList(text)
            : preset is not null ? [new StrategySpec(preset.Name)]
            : [];
        return EvalStrategy.Of(specs.Select(spec => spec.With(GivenSettings(parse))), preset);
    }

    /// <summary>The one rule that was asked for, or the standard one.</summary>
    public IStrategy Read(ParseResult parse, string standard)
    {
        IReadOnlyList<StrategySpec> specs = ReadList(parse);
        StrategySpec? preset = Preset(parse)?.Strategy;
        if (preset is not null && specs.Any(spec => spec.Name != preset.Name))
        {
            throw new ConceptInputException(
                $"--preset is one of '{preset.Name}', and --strategy names '{specs[0].Name}'; leave one of them out.");
        }

        return specs.Count switch
        {
            0 => s_catalog.Make(new StrategySpec(standard).With(GivenSettings(parse))),
            1 when preset?.Name == specs[0].Name => s_catalog.Make(preset.With(specs[0].Settings)),
            1 => s_catalog.Make(specs[0]),
            _ => throw new ConceptInputException($"--strategy names {specs.Count} strategies; name one here, or compare them with eval."),
        };
    }

    private IEnumerable<KeyValuePair<string, string>> GivenSettings(ParseResult parse) => _settings
        .Where(setting => parse.GetResult(setting.Value) is { Implicit: false })
        .Select(setting => new KeyValuePair<string, string>(setting.Key, Value(parse, setting.Value)));

    private static string Value(ParseResult parse, Option option) => option switch
    {
        Option<int?> whole => parse.GetValue(whole)!.Value.ToString(CultureInfo.InvariantCulture),
        Option<float?> number => parse.GetValue(number)!.Value.ToString("R", CultureInfo.InvariantCulture),
        Option<bool> flag => parse.GetValue(flag) ? "true" : "false",
        _ => parse.GetValue((Option<string?>)option)!,
    };

    private static Option NewOption(SettingKind kind, string name) => kind switch
    {
        SettingKind.WholeNumber => new Option<int?>(name) { HelpName = "N" },
        SettingKind.Number => new Option<float?>(name) { HelpName = "X" },
        SettingKind.Flag => new Option<bool>(name),
        _ => new Option<string?>(name) { HelpName = "NAME" },
    };

    private static string Describe(Use[] uses)
    {
        IGrouping<string, Use>[] meanings = [.. uses.GroupBy(use => use.Setting.Meaning + use.Standard)];
        return string.Join('\n', meanings.Select(group =>
        {
            (string meaning, string standard) = (group.First().Setting.Meaning, group.First().Standard);
            return uses.Length > 3 && meanings.Length == 1 // most rules have it
                ? $"{char.ToUpperInvariant(meaning[0])}{meaning[1..]}.{standard}"
                : $"{string.Join(", ", group.Select(use => use.Rule))}: {meaning}{standard}";
        }));
    }

    /// <summary><c>topK</c> is <c>--top-k</c>; <c>maxTopK</c> has the field's own spelling.</summary>
    private static string OptionName(string setting) => setting == "maxTopK"
        ? "--max-topk"
        : "--" + string.Concat(setting.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>A rule and one of its settings. A class, since LINQ over a struct of ours must be compiled at every start.</summary>
    private sealed record Use(string Rule, StrategySetting Setting)
    {
        public string Standard { get; } = Setting.Kind == SettingKind.Flag ? "" : $" [{Setting.Standard}]";
    }
}
