using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Readme;

/// <summary>The page about strategies names what there is, with the defaults that hold.</summary>
public sealed class StrategiesPageTests
{
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Readme", "strategies.md"));

    public static TheoryData<string> Rules => [.. StrategyCatalog.Standard.Names];

    [Theory, MemberData(nameof(Rules))]
    public void Page_EveryRule_HasASectionWithItsSettingsAndSource(string name)
    {
        string[] section = [.. s_lines.SkipWhile(line => line != $"## `{name}`").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];
        Assert.NotEmpty(section);
        string[] shared = [.. s_lines.TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];
        Assert.All(StrategyCatalog.Standard.SettingsOf(name), setting => Assert.Contains(
            section.Concat(shared), line => line.StartsWith($"| `{setting.Name}` | {setting.Standard} |", StringComparison.Ordinal)));
        Assert.Contains(section, line => line.StartsWith("* **Source**", StringComparison.Ordinal));
        Assert.Contains(section, line => line.StartsWith("* **Helps**", StringComparison.Ordinal));
        Assert.Contains(section, line => line.StartsWith("* **Hurts**", StringComparison.Ordinal));
    }

    [Fact]
    public void Page_PresetsItNames_Exist() => Assert.All(
        string.Join(' ', s_lines).Split("--preset ").Skip(1)
            .Select(rest => new string([.. rest.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')]))
            .Where(name => name is not ("" or "NAME")),
        name => Assert.Contains(PresetCatalog.All, preset => preset.Name == name));
}
