using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Readme;

public sealed class ReadmeTests
{
    [Fact]
    public async Task QuickStart_OnATinyModel_PrintsStepsAndAReading()
    {
        using StringWriter output = new();

        await QuickStart.RunAsync(
            TinyModels.Path(TinyArchitecture.Qwen2), output, TestContext.Current.CancellationToken);

        string[] lines = output.ToString().Split('\n');
        Assert.Equal(16, lines.Count(line => line.StartsWith("entropy ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("read as: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_ItsPageOfCode_IsTheCodeThatRuns()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Readme");
        string code = Between(File.ReadAllText(Path.Combine(folder, "QuickStart.cs")), "// README begins\n", "// README ends");
        string readme = File.ReadAllText(Path.Combine(folder, "README.md")).ReplaceLineEndings("\n");

        string[] lines = code.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        string printed = string.Join('\n', lines.Select(line => line.Length > 8 ? line[8..] : ""));

        Assert.Contains(printed, readme, StringComparison.Ordinal);
    }

    private static string Between(string text, string start, string end)
    {
        text = text.ReplaceLineEndings("\n");
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
