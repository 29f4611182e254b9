using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing;

/// <summary>A trace that is written while its run goes on.</summary>
public sealed class TraceFileTests(LoadedModels models) : IDisposable
{
    private const string Prompt = "The capital of France is";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    private string Target => _folder.File("trace.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("soft", int.MaxValue)]
    [InlineData("hidden", int.MaxValue)]
    [InlineData("token", int.MaxValue)]
    [InlineData("soft", 0)] // nothing happened
    [InlineData("soft", 1)] // the prompt
    [InlineData("soft", 4)] // some steps
    public void Finish_OfSomeEvents_WritesTheBytesOfATraceSavedAtOnce(string strategy, int events)
    {
        ThinkOptions options = new()
        {
            Strategy = StrategyCatalog.Standard.Make(strategy), MaxSteps = 5, ColdStop = new ColdStop { Entropy = 0 },
            Reader = new ReadOptions { MaxTokens = 3, Faithfulness = true }, AnswerTokens = 3, ThinkEnd = "</think>",
        };
        ThoughtEvent[] run = [.. Think(Model, options).Take(events)];
        string expected = TraceJson.Write(Runs.Record(Model, Prompt, options, run));

        using TraceFile file = new(Runs.Recorder(Model, Prompt, options), Target);
        Add(file, run);
        file.Finish();

        Assert.Equal(expected, File.ReadAllText(Target));
        Assert.Equal(expected, TraceJson.Write(file.Load()));
        using MemoryStream copy = new();
        file.CopyTo(copy);
        Assert.Equal(File.ReadAllBytes(Target), copy.ToArray());
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Finish_Failed_SaysSo()
    {
        using TraceFile file = new(Recorder(), Target);
        Add(file, Think(Model, Options(9)).Take(4));
        file.Finish(StopReason.Failed);
        Trace trace = TraceJson.Load(Target);
        Assert.Equal(("failed", 3), (trace.Stop, trace.Steps.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_BeforeFinish_TargetIsAsItWas(bool exists)
    {
        if (exists)
        {
            File.WriteAllText(Target, "old");
        }

        using (TraceFile file = new(Recorder(), Target))
        {
            Add(file, Think(Model, Options(5)));
            Assert.Equal(exists, File.Exists(Target));
            Assert.Single(Directory.GetFiles(_folder.Path, "*.tmp"));
        }

        Assert.Equal(exists ? [Target] : [], Directory.GetFiles(_folder.Path));
        Assert.Equal("old", exists ? File.ReadAllText(Target) : "old");
    }

    [Fact]
    public void Finish_IntoAnEmptyFile_WritesItInPlaceAtTheEnd()
    {
        File.WriteAllBytes(Target, []);
        using FileStream held = new(Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using TraceFile file = new(Recorder(), Target);
        Add(file, Think(Model, Options(5)));
        Assert.Equal(0, held.Length);
        Assert.Equal([Target], Directory.GetFiles(_folder.Path));
        file.Finish();
        using StreamReader reader = new(held);
        Assert.Equal(TraceJson.Write(file.Load()), reader.ReadToEnd());
    }

    [Fact]
    public void Finish_WhereThereIsNoRoom_IsInputErrorNamingTheFile()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        using TraceFile file = new(Recorder(), "/dev/full");
        Add(file, Think(Model, Options(5)));
        Assert.False(file.IsBroken);
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => file.Finish());
        Assert.StartsWith("Cannot write the trace to /dev/full: ", refused.Message, StringComparison.Ordinal);
        Assert.True(file.IsBroken);
        Assert.True(File.Exists("/dev/full"));
    }

    [Fact]
    public void WriteSteps_WithNeighbors_EqualsOnePassOverTheWholeTrace()
    {
        const int Steps = 150; // two whole batches and a part of one
        ThoughtEvent[] run = [.. Think(Model, Options(Steps))];
        List<int> batches = [];
        using ConceptSession session = Model.CreateSession();
        using TraceFile file = new(Runs.Recorder(Model, Prompt, Options(Steps)), Target, steps =>
        {
            batches.Add(steps.Count);
            return TraceNeighbors.Add(steps, Model, session, 3, Token);
        });
        Add(file, run);
        file.WriteSteps();
        file.WriteSteps(); // nothing waits any more
        file.Finish();

        Assert.Equal(Steps, batches.Sum());
        Assert.InRange(batches.Count, 2, 10);
        Trace expected = TraceNeighbors.Add(Runs.Record(Model, Prompt, Options(Steps), run), Model, session, 3, Token);
        Assert.Equal(TraceJson.Write(expected), File.ReadAllText(Target));
    }

    [Fact]
    public void Finish_NeighborsCancelled_KeepsTheStepsWithoutThem()
    {
        using TraceFile file = new(Recorder(), Target, _ => throw new OperationCanceledException());
        Add(file, Think(Model, Options(5)));
        Assert.Throws<OperationCanceledException>(file.WriteSteps);
        Assert.False(file.IsBroken);
        file.Finish();
        Trace trace = TraceJson.Load(Target);
        Assert.Equal([0, 1, 2, 3, 4], trace.Steps.Select(step => step.Index));
        Assert.All(trace.Steps, step => Assert.Null(step.Nearest));
    }

    [Fact]
    public void Load_WithoutAPath_ReadsATemporaryFile()
    {
        using TraceFile file = new(Recorder(), path: null);
        Add(file, Think(Model, Options(5)));
        file.Finish();
        Assert.Equal(5, file.Load().Steps.Count);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static ThinkOptions Options(int steps) => new()
    {
        MaxSteps = steps, FixedLength = true, Reader = null, AnswerTokens = 0, ThinkEnd = "",
    };

    private static void Add(TraceFile file, IEnumerable<ThoughtEvent> events)
    {
        foreach (ThoughtEvent happened in events)
        {
            file.Add(happened);
        }
    }

    private static IEnumerable<ThoughtEvent> Think(ConceptModel model, ThinkOptions options)
    {
        using ConceptSession session = model.CreateSession();
        foreach (ThoughtEvent happened in session.Think(Prompt, options, Token))
        {
            yield return happened;
        }
    }

    private TraceRecorder Recorder() => Runs.Recorder(Model, Prompt, Options(5));
}
