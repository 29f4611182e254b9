using System.Text.RegularExpressions;

namespace GgufConcepts.Tests.Promises;

/// <summary>SECURITY.md names a test for each promise, and those tests are there.</summary>
public sealed partial class SecurityPageTests
{
    private static string[] Lines { get; } = File.ReadAllLines(Path.Combine(Sources.Root, "SECURITY.md"));

    [Fact]
    public void Page_EveryTestItNames_IsThere()
    {
        string[] tests = [.. Sources.Below("tests").Select(File.ReadAllText)];
        (string Class, string Method)[] named =
        [
            .. Lines.SelectMany(line => Named().Matches(line)).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Distinct(),
        ];
        Assert.NotEmpty(named);
        Assert.All(named, test => Assert.True(
            tests.Any(text => text.Contains($"class {test.Class}", StringComparison.Ordinal)
                && text.Contains($" {test.Method}(", StringComparison.Ordinal)),
            $"SECURITY.md names {test.Class}.{test.Method}, which is nowhere."));
    }

    [Fact]
    public void Page_EveryPromise_NamesATest()
    {
        int promises = 0;
        foreach (string line in Lines.SkipWhile(line => line != "## What is promised, and what shows it").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)))
        {
            if (line.StartsWith("| ", StringComparison.Ordinal) && line != "| promise | test |")
            {
                promises++;
                Assert.Matches(Named(), line);
            }
        }

        Assert.True(promises > 15, $"{promises} promises");
    }

    [GeneratedRegex("`([A-Z][A-Za-z]+Tests)\\.([A-Z][A-Za-z0-9_]+)`")]
    private static partial Regex Named();
}
