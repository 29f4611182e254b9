using System.Text.Json;
using GgufConcepts.Evaluation;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Reading;

/// <summary>Whether readings can be trusted, shown on models of which it is known how well they read.</summary>
public sealed class AtlasReadingTests(LoadedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Atlas => models.Committed("atlas");

    /// <summary>Atlas repeats sentences without a mistake (<c>eval atlas</c>), so the vectors must account for nearly all
    /// of their probability; numbers in another order are no words at all, and must account for none of it.</summary>
    /// <remarks>Measured over 100: sentences .937 true, .009 the same words on shuffled vectors, .10 what the reader
    /// says of those itself (a greedy reader always says what is likeliest, and that follows from its vectors a little);
    /// single words .954, .003 and .21. The bounds leave about as much again.</remarks>
    [Theory]
    [InlineData("sentences", 0.85, 0.05, 0.2)]
    [InlineData("words", 0.9, 0.02, 0.3)]
    public void Faithfulness_TrueVectors_IsHighAndOfShuffledOnesNearZero(string kind, double least, double most, double mostOwn)
    {
        using ConceptSession session = Atlas.CreateSession();
        ReadOptions options = new() { Controls = true };
        List<double> faithful = [], sameWords = [], own = [];
        foreach ((int index, string[] pair) in Asked(kind).Take(60).Index())
        {
            float[] vectors = session.Embeddings.Rows(Atlas.Tokenizer.EncodeContinuation(pair[0]));
            CloseReading reading = session.ReadClosely(vectors, options, (ulong)index, Token);
            ControlReading shuffled = reading.Controls!.Single(control => control.Name == "shuffled");
            faithful.Add(reading.Faithfulness!.Value);
            sameWords.Add(shuffled.Probability);
            own.Add(shuffled.Faithfulness?.Value ?? 0);
        }

        Assert.InRange(faithful.Average(), least, 1);
        Assert.InRange(sameWords.Average(), 0, most);
        Assert.InRange(own.Average(), 0, mostOwn);
    }

    /// <summary>The grammar has Paris .5, located .25 and a .25 there.</summary>
    /// <remarks>What the reader itself believes of the vector was measured from its logits: with the default prompt .64, .16,
    /// .14, for it was trained to read shares too sharp (<c>models/training/README.md</c>); as a chat turn .60, .17, .18; as a
    /// chat turn of five copies .51, .23, .22. The bounds are those distances and two standard deviations of 200 draws,
    /// .07.</remarks>
    [Theory]
    [InlineData("meaning", 1, 0.14 + 0.07)]
    [InlineData("chat", 1, 0.1 + 0.07)]
    [InlineData("chat", 5, 0.03 + 0.07)]
    public void Readings_OfTheFranceVector_SplitNearTheTruth(string prompt, int copies, double bound)
    {
        using ConceptSession session = Atlas.CreateSession();
        Trace trace = Runs.Think(Atlas, "The capital of France is", new ThinkOptions { MaxSteps = 1 });
        float[] vector = TraceVectors.Rebuild(trace, Atlas.Info, session.Embeddings);
        ReadOptions options = new() { Prompt = prompt, Repeat = copies, Readings = 200, MaxTokens = 1 };

        IReadOnlyList<ReadingGroup> readings = session.ReadClosely(vector, options, seed: 1, Token).Readings!;

        Assert.Equal("Paris", readings[0].Text);
        Assert.Equal(["Paris", "a", "located"], readings.Take(3).Select(group => group.Text).Order(StringComparer.Ordinal));
        Assert.InRange(readings[0].Share, 0.5 - bound, 0.5 + bound);
        Assert.All(readings.Skip(1).Take(2), group => Assert.InRange(group.Share, 0.25 - bound, 0.25 + bound));
        Assert.InRange(readings.Take(3).Sum(group => group.Share), 0.9, 1);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("meaning")]
    [InlineData("english")]
    [InlineData("chat")]
    public void SelfTest_Atlas_EchoesEnglishAndTranslatesTheRest(string prompt)
    {
        Dictionary<string, string> meanings = Asked("words").DistinctBy(pair => pair[0].Trim()).ToDictionary(pair => pair[0].Trim(), pair => pair[1]);
        using ConceptSession session = Atlas.CreateSession();

        SelfTestRow row = ReaderSelfTest.Run(
            Atlas, session, new ReadOptions { Prompt = prompt }, words: 200, seed: 1, cancellation: Token);

        // Of its whole words 28% are Spanish, which it was taught to read as English.
        Assert.Equal((prompt, 200), (row.Template, row.Words));
        Assert.InRange(row.Share, 0.6, 0.85);
        Assert.InRange((double)(row.Echoed + row.OtherWord) / row.Words, 0.97, 1);
        SelfTestMiss[] known = [.. row.Misses.Where(miss => meanings.ContainsKey(miss.Word))];
        Assert.InRange(known.Length, 3, 20);
        Assert.All(known, miss => Assert.Equal(meanings[miss.Word], miss.Read));
        Assert.Equal("mostly", row.Reads);
    }

    [Fact]
    public void SelfTest_PromptItNeverSaw_IsFoundWanting()
    {
        using ConceptSession session = Atlas.CreateSession();
        Assert.Equal("hardly", ReaderSelfTest.Run(
            Atlas, session, new ReadOptions { Prompt = "describe" }, 60, seed: 1, cancellation: Token).Reads);
    }

    [Fact]
    public void SelfTest_AModelNeverTaughtToRead_ReadsNothing()
    {
        ConceptModel stories = models.Stories();
        using ConceptSession session = stories.CreateSession();

        SelfTestRow row = ReaderSelfTest.Run(
            stories, session, new ReadOptions { Prompt = "identity", MaxTokens = 8 }, 100, seed: 1, cancellation: Token);

        Assert.InRange(row.Share, 0, 0.1);
        Assert.Equal("hardly", row.Reads);
    }

    [Fact]
    public void Think_ReadClosely_ThinksAndAnswersAsWithout()
    {
        ThinkOptions plain = new() { ChunkLength = 2, MaxSteps = 6, ColdStop = new ColdStop { Entropy = 0 } };
        using ConceptSession session = Atlas.CreateSession();
        ReadOptions close = new()
        {
            Controls = true, Readings = 9, Other = OtherThoughts.Think(session, 2, cancellation: Token),
        };

        Trace expected = Runs.Think(Atlas, "The capital of France is", plain);
        Trace trace = Runs.Think(Atlas, "The capital of France is", plain with { Reader = close });

        Assert.Null(expected.Chunks[0].Faithfulness);
        Assert.All(trace.Chunks, chunk => Assert.Equal((9, 3), (chunk.Readings!.Sum(group => group.Count), chunk.Controls!.Count)));
        Assert.All(trace.Chunks, chunk => Assert.InRange(chunk.Faithfulness!.Value, 0, 1));
        Trace stripped = trace with
        {
            Settings = expected.Settings,
            Chunks = [.. trace.Chunks.Select(chunk => new TraceChunk(chunk.FirstStep, chunk.StepCount, chunk.Translation, chunk.Replaced))],
        };
        Assert.Equal(Runs.WithoutTimes(expected), Runs.WithoutTimes(stripped));
    }

    [Fact]
    public void OtherThought_OfTheSamePrompt_IsAboutSomethingElse()
    {
        using ConceptSession session = Atlas.CreateSession();
        OtherThought usual = OtherThoughts.Think(session, 3, "The capital of France is", Token);
        OtherThought instead = OtherThoughts.Think(session, 3, usual.Source, Token);

        Assert.NotEqual(usual.Source, instead.Source);
        Assert.NotEqual(usual.Vectors.ToArray(), instead.Vectors.ToArray());
        Assert.InRange(usual.Vectors.Length / session.Embeddings.Width, 1, 3);
    }

    /// <summary>Texts and their meanings, as the grammar has them.</summary>
    private static IEnumerable<string[]> Asked(string kind) => JsonSerializer.Deserialize<JsonElement>(
        File.ReadAllText(CommittedModels.Path("tasks/atlas-questions.json")))
        .GetProperty("readings").GetProperty(kind).EnumerateArray()
        .Select(pair => new[] { pair[0].GetString()!, pair[1].GetString()! });
}
