using System.Text.Json;
using GgufConcepts.Cli.Output;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Tests;

/// <summary>Readings as people and scripts see them.</summary>
public sealed class ReadTests : IDisposable
{
    private static readonly string s_atlas = CommittedModels.Path("atlas.gguf");
    private static readonly string s_tiny = TinyModels.Path(TinyArchitecture.Qwen2);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The command that stands in the README: a question as vectors between true markers.</summary>
    [Fact]
    public async Task Read_QuestionBetweenMarkers_IsAnswered()
    {
        Outcome run = await Cli.RunAsync(
            "read", "--text", "What is the capital of Egypt?",
            "--read-prompt", @"<|im_start|>user\n{vectors}<|im_end|>\n<|im_start|>assistant\n");
        Assert.Equal("read vectors 0-6: The capital of Egypt is Cairo.", run.Output.Trim());
    }

    [Fact]
    public async Task Read_WithControls_ShowsWhatIsReadInTheirPlace()
    {
        Outcome run = await Cli.RunWithAsync(s_atlas, "read", "--text", "the black cat eats bread", "--controls");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        string[] lines = run.Output.Split('\n');
        Assert.Equal("read vectors 0-4: the black cat eats bread", lines[0]);
        Assert.StartsWith("  faithfulness: .9", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(" nats over the vectors' mean", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("  ·the .", lines[2], StringComparison.Ordinal);
        Assert.Contains(" in the slot  P(these words)  faithful  read as", lines);
        Assert.All((string[])["these", "mean", "shuffled", "other"], name => Assert.Contains(
            lines, line => line.StartsWith($" {name} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ReadJson_OfATrace_HasFaithfulnessSharesAndControls()
    {
        string path = _folder.File("france.json");
        Assert.Equal(ExitCodes.Done, (await Cli.RunWithAsync(
            s_atlas, "think", "The capital of France is", "--max-steps", "1", "--trace", path)).ExitCode);
        string[] command = ["read", path, "--readings", "50", "--controls", "--other", path, "--seed", "4", "--json"];

        Outcome run = await Cli.RunWithAsync(s_atlas, command);

        JsonElement read = run.Json();
        JsonElement reading = Assert.Single(read.GetProperty("readings").EnumerateArray());
        Assert.Equal("Paris", reading.GetProperty("translation").GetString());
        Assert.Equal("meanRow", reading.GetProperty("faithfulness").GetProperty("baseline").GetString());
        Assert.Equal(50, reading.GetProperty("readings").EnumerateArray().Sum(group => group.GetProperty("count").GetInt32()));
        Assert.Equal(1, reading.GetProperty("readings").EnumerateArray().Sum(group => group.GetProperty("share").GetDouble()), 1e-9);
        JsonElement other = reading.GetProperty("controls")[2]; // the same thought: it says the same
        Assert.Equal(("other", "Paris"), (other.GetProperty("name").GetString(), other.GetProperty("text").GetString()));
        Assert.Equal(
            reading.GetProperty("faithfulness").GetProperty("probability").GetDouble(), other.GetProperty("probability").GetDouble(), 1e-6);
        Assert.Equal(path, read.GetProperty("settings").GetProperty("other").GetString());
        Assert.Equal(run.Output, (await Cli.RunWithAsync(s_atlas, command)).Output); // the same seed
    }

    [Theory]
    [InlineData("english")]
    [InlineData("identity")]
    [InlineData("chat")]
    [InlineData("Thought:{vectors}\nWords:")]
    public async Task Read_OtherPrompts_AreAnsweredByAtlas(string prompt)
    {
        Outcome run = await Cli.RunWithAsync(s_atlas, "read", "--text", "the black cat eats bread", "--read-prompt", prompt);
        Assert.Equal("read vectors 0-4: the black cat eats bread\n", run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task SelfTest_Atlas_IsMostlyPassedByEveryPromptItKnows()
    {
        Outcome shown = await Cli.RunWithAsync(s_atlas, "read", "--self-test");
        JsonElement json = (await Cli.RunWithAsync(s_atlas, "read", "--self-test", "--json")).Json();

        Assert.Equal(ExitCodes.Done, shown.ExitCode);
        Assert.Contains("This model reads most single words", shown.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["identity", "meaning", "english", "describe", "chat"],
            json.GetProperty("templates").EnumerateArray().Select(row => row.GetProperty("template").GetString()));
        JsonElement first = json.GetProperty("templates")[0];
        Assert.Equal(100, first.GetProperty("words").GetInt32());
        Assert.InRange(first.GetProperty("share").GetDouble(), first.GetProperty("low").GetDouble(), first.GetProperty("high").GetDouble());
        Assert.Equal("mostly", json.GetProperty("reads").GetString());
    }

    [Fact]
    public async Task SelfTest_Stories_IsNot()
    {
        Outcome run = await Cli.RunWithAsync(
            Cli.Stories, "read", "--self-test", "--read-prompt", "Words: {vectors} =", "--words", "20", "--read-tokens", "4");

        Assert.Equal(ExitCodes.Done, run.ExitCode);
        Assert.Contains("reads single words hardly or not at all; readings of it mean little.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Words: {vectors} =", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_MarkersTheModelLacks_IsRefused() => (await Cli.RunWithAsync(
        CommittedModels.Path("mnns-continuous.gguf"), "read", "--text", "S2", "--read-prompt", "chat"))
            .AssertRefused("'chat' needs the tokens <|im_start|> and <|im_end|>");

    [Theory]
    [InlineData("be one of meaning, english, identity, describe, chat", "--text", "a", "--read-prompt", "mening")]
    [InlineData("The number of readings is -1; use 0 to", "--text", "a", "--readings", "-1")]
    [InlineData("The number of copies is 0; use 1 to", "--text", "a", "--repeat", "0")]
    [InlineData("300 copies of a vector are too many", "--text", " cat", "--repeat", "300")]
    [InlineData("Temperature is 0;", "--text", "a", "--read-temperature", "0")]
    [InlineData("TopP is 2;", "--text", "a", "--read-top-p", "2")]
    [InlineData("--other names a thought for --controls", "--text", "a", "--other", "b.json")]
    [InlineData("Could not find file", "--text", "a", "--controls", "--other", "no-such.json")]
    [InlineData("--words counts the words of --self-test", "--text", "a", "--words", "5")]
    [InlineData("--self-test reads single words", "--self-test", "--text", "a")]
    [InlineData("--self-test reads single words", "trace.json", "--self-test")]
    [InlineData("leave out: --readings, --controls.", "--self-test", "--readings", "3", "--controls")]
    [InlineData("--words is 0; use 1 to", "--self-test", "--words", "0")]
    [InlineData("--seed is 'x'; use a whole number", "--self-test", "--seed", "x")]
    public async Task ReadOption_OutOfPlace_IsRefused(string reason, params string[] options) =>
        (await Cli.RunWithAsync(s_tiny, ["read", .. options])).AssertRefused(reason);

    [Fact]
    public async Task ThinkJson_WithControls_HasThemInItsChunks()
    {
        JsonElement trace = (await Cli.RunWithAsync(
            s_atlas, "think", "The capital of France is", "--controls", "--readings", "5", "--chunk", "1", "--json")).Json();

        TraceForm.Check(trace, "soft");
        Assert.All(trace.GetProperty("chunks").EnumerateArray(), chunk =>
        {
            Assert.InRange(chunk.GetProperty("faithfulness").GetProperty("value").GetDouble(), 0, 1);
            Assert.Equal(3, chunk.GetProperty("controls").GetArrayLength());
        });
        Assert.Equal("The woman", trace.GetProperty("settings").GetProperty("reader").GetProperty("other").GetString());
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    public void WriteDetails_NarrowTerminal_StaysWithinItsWidth(int width)
    {
        const string Long = "a sentence that goes on and on for much longer than any terminal of this width can show in one line";
        ReadToken[] tokens = [.. Long.Split(' ').Select((word, i) => new ReadToken(i, " " + word, 0.9, 0.1, 0.8))];
        Faithfulness faithfulness = new("mean", 0.512, 12.34, 0.6, tokens);
        TraceChunk chunk = new(0, 20, Long)
        {
            Faithfulness = faithfulness,
            Readings = [.. Enumerable.Range(0, 30).Select(i => new ReadingGroup(Long + i, 10, 1 / 30.0, faithfulness))],
            Controls = [new ControlReading("shuffled", 0.001, Long, faithfulness), new ControlReading("mean", 0, "", null)],
        };
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;

        ReadingTable.WriteDetails(console, chunk);

        string[] lines = text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
        Assert.All(lines, line => Assert.InRange(line.GetCellWidth(), 0, width));
        Assert.Contains(lines, line => line.Contains("(18 more readings)", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("(no words)", StringComparison.Ordinal));
    }
}
