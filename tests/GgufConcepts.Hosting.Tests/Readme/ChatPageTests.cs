using GgufConcepts.Hosting.Tests.Chat;

namespace GgufConcepts.Hosting.Tests.Readme;

public sealed class ChatPageTests
{
    [Fact]
    public async Task ChatPage_OnAtlas_PrintsWhatItSays()
    {
        await using ChatHost host = await ChatHost.AtlasAsync();
        using StringWriter output = new();

        await ChatPage.RunAsync(host.Services, output);

        Assert.Equal(["thought: The capital of", " France is Paris."], output.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public void Readme_ItsChatClient_IsTheCodeThatRuns()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Readme");
        string page = File.ReadAllText(Path.Combine(folder, "ChatPage.cs")).ReplaceLineEndings("\n");
        string code = page.Split("// README begins\n")[1].Split("// README ends")[0];
        string printed = string.Join('\n', code.TrimEnd().Split('\n').Select(line => line.Length > 8 ? line[8..] : ""));

        Assert.Contains(printed, File.ReadAllText(Path.Combine(folder, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }
}
