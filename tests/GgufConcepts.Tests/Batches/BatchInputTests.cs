using System.Text;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;

namespace GgufConcepts.Tests.Batches;

public sealed class BatchInputTests : IDisposable
{
    private readonly BatchFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Open_LinesOfAllKinds_ReadsWhatTheySay()
    {
        using BatchInput input = _files.Lines(
            """{"prompt": "One"}""",
            "",
            """  {"id": 7, "prompt": "Two", "concept": {"strategy": "token", "greedy": true, "maxSteps": 9, "seed": 18446744073709551615}}""");

        Assert.Equal(2, input.Count);
        BatchJob first = input.Read(0), second = input.Read(1);
        Assert.Equal((0, "One", 3), (first.Index, first.Prompt, (int)first.Settings["maxSteps"]!));
        Assert.Null(first.Id);
        Assert.Equal((1, "Two", 9, 3), (second.Index, second.Prompt, (int)second.Settings["maxSteps"]!, input.LineOf(1)));
        Assert.Equal((7, "token", ulong.MaxValue), ((int)second.Id!, (string)second.Settings["strategy"]!, (ulong)second.Settings["seed"]!));
        Assert.Equal(0.0, (double)second.Settings["stopEntropy"]!); // as the defaults have it
    }

    [Fact]
    public void Open_MarkAndCarriageReturns_PassesOverThem()
    {
        File.WriteAllText(_files.In, "{\"prompt\": \"One\"}\r\n\r\n{\"prompt\": \"Two\"}", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        using BatchInput input = BatchInput.Open(_files.In, BatchFiles.Defaults);

        Assert.Equal(["One", "Two"], Enumerable.Range(0, input.Count).Select(index => input.Read(index).Prompt));
    }

    [Fact]
    public void KeyOf_SamePromptElsewhere_IsTheSame_AndAnyDifferenceAnother()
    {
        using BatchInput input = _files.Lines(
            """{"prompt": "One"}""",
            """{"concept": {}, "prompt": "One"}""",
            """{"prompt": "One", "id": "a"}""",
            """{"prompt": "One", "concept": {"maxSteps": 4}}""",
            """{"prompt": "Two"}""");
        using BatchInput other = BatchInput.Open(_files.In, BatchFiles.Defaults with { Model = "another" });
        using BatchInput brief = BatchInput.Open(_files.In, BatchFiles.Defaults with { Brief = true });

        Assert.Equal(input.KeyOf(0), input.KeyOf(1));
        string[] keys = [.. Enumerable.Range(1, 4).Select(input.KeyOf), other.KeyOf(0), brief.KeyOf(0)];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.NotEqual(input.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void Read_OverManyBuffers_FindsEveryLine()
    {
        string[] prompts = [.. Enumerable.Range(0, 300).Select(i => $"{i}:{new string((char)('a' + (i % 26)), i * 7)}")];
        prompts[150] = new string('z', 200_000);
        using BatchInput input = _files.Prompts(prompts);

        Assert.Equal(prompts, Enumerable.Range(0, input.Count).Select(index => input.Read(index).Prompt));
    }

    [Fact]
    public void Read_FileWrittenOverMeanwhile_IsRefused()
    {
        using BatchInput input = _files.Prompts("One", "Two", "Three");
        File.WriteAllText(_files.In, "{\"prompt\":\"Owe\"}\n{\"prompt\":\"Two\"}\n{");

        Assert.Contains("line 1 has changed since the batch began", Refuse(() => input.Read(0)), StringComparison.Ordinal);
        Assert.Contains("line 3 has changed since the batch began", Refuse(() => input.Read(2)), StringComparison.Ordinal);
        Assert.Equal("Two", input.Read(1).Prompt);
    }

    [Theory]
    [InlineData("{\"prompt\": ", "line 2: it is no JSON at byte")]
    [InlineData("[\"prompt\"]", "line 2: it is no JSON object")]
    [InlineData("null", "line 2: it is no JSON object")]
    [InlineData("{}", "line 2: it has no prompt")]
    [InlineData("{\"prompt\": \"\"}", "line 2: it has no prompt")]
    [InlineData("{\"prompt\": 7}", "line 2: prompt is 7; use a text in quotes.")]
    [InlineData("{\"prompt\": \"a\", \"prompt\": \"b\"}", "line 2: a field stands in it twice")]
    [InlineData("{\"prompt\": \"a\", \"\\ud800\": 1}", "line 2: a name in it is half a character; use whole ones.")]
    [InlineData("{\"prompt\": \"a\", \"id\": [\"\\ud800\"]}", "line 2: id holds half a character; use whole ones.")]
    [InlineData("{\"prompt\": \"a\", \"id\": [1]}", "line 2: id is [1]; use a text or a number.")]
    [InlineData("{\"prompt\": \"a\", \"concept\": 3}", "line 2: concept is 3; use an object in braces.")]
    [InlineData("{\"prompt\": \"a\", \"concepts\": {}}", "line 2: There is no field concepts; there are concept, id, prompt.")]
    [InlineData("{\"prompt\": \"a\", \"concept\": {\"maxSteps\": \"x\"}}", "line 2: maxSteps is \"x\"; use a whole number")]
    [InlineData("{\"prompt\": \"a\", \"concept\": {\"maxTopK\": 0}}", "line 2: ")]
    public void Open_LineThatIsNoJob_NamesFileAndLine(string line, string reason)
    {
        ConceptInputException problem = Assert.Throws<ConceptInputException>(() => _files.Lines("{\"prompt\": \"One\"}", line));

        Assert.StartsWith(_files.In, problem.Message, StringComparison.Ordinal);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FilesThatAreNone_SaysWhy()
    {
        File.WriteAllBytes(_files.Out, Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray());

        Assert.Contains("holds no prompt", Refuse(() => _files.Lines("", " ")), StringComparison.Ordinal);
        Assert.Contains("no such file", Refuse(() => BatchInput.Open(_files.In + "x", BatchFiles.Defaults)), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refuse(() => BatchInput.Open(Path.GetTempPath(), BatchFiles.Defaults)), StringComparison.Ordinal);
        Assert.Contains("is UTF-16", Refuse(() => BatchInput.Open(_files.Out, BatchFiles.Defaults)), StringComparison.Ordinal);
    }

    [Fact]
    public void JobRead_WhatToJsonWrote_IsTheSameJob()
    {
        BatchJob job = BatchJob.Make(3, "tiny", "Über \"alles\"\n", new JsonObject { ["maxSteps"] = 2 }, JsonValue.Create("é"), brief: true);
        BatchJob read = BatchJob.Read(job.ToJson());

        Assert.Equal((job.Index, job.Key, job.Prompt, true), (read.Index, read.Key, read.Prompt, read.Brief));
        Assert.Equal(job.ToJson(), read.ToJson());
        Assert.Throws<ConceptInputException>(() => BatchJob.Read("{\"index\":0}"u8));
        Assert.Throws<ConceptInputException>(() => BatchJob.Read("{"u8));
    }

    [Fact]
    public void JobRead_NumberBelow0_IsRefused()
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => BatchJob.Read("""{"index": -1, "key": "k", "prompt": "a", "settings": {}}"""u8));
        Assert.Contains("index is -1; use a whole number from 0 on", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"\ud800": 1}""")]
    [InlineData("""{"index": 0, "key": "k", "prompt": "a", "settings": {"a": "\ud800"}}""")]
    public void JobRead_HalfACharacter_IsRefused(string json) =>
        Assert.Throws<ConceptInputException>(() => BatchJob.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("atlas", "atlas")]
    [InlineData("/models/atlas.gguf", "atlas")]
    [InlineData("hf:org/repo:Q4_K_M", "hf:org/repo:Q4_K_M")]
    [InlineData("models/qwen/", "qwen")]
    public void NameOf_WhateverModelSays_IsThatOrTheFilesName(string model, string name) =>
        Assert.Equal(name, BatchModel.NameOf(model));

    private static string Refuse(Func<object> open) => Assert.Throws<ConceptInputException>(open).Message;
}
