using System.Text;
using System.Text.Json.Nodes;
using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>A model in a process of its own does what it does in this one.</summary>
public sealed class WorkerTests
{
    private const string Prompt = "The capital of Wales is";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Thoughts { get; } = new()
    {
        { "soft", "{}" },
        { "soft", """{"chunk": 3, "reader": {"faithfulness": true, "readings": 3}}""" },
        { "token", """{"seed": 7, "temperature": 2}""" },
        { "hidden", "{}" },
        { "noise", """{"seed": 5}""" },
        { "moi", """{"seed": 3, "answer": {"temperature": 0.8, "stop": ["."]}}""" },
        { "soft", """{"maxSteps": 0, "answer": {"maxTokens": 5}}""" },
    };

    [Theory, MemberData(nameof(Thoughts))]
    public async Task ThinkAsync_OwnProcess_TellsWhatThisOneTells(string strategy, string settings)
    {
        ThinkOptions standard = new() { Strategy = StrategyCatalog.Standard.Make(strategy), MaxSteps = 8, AnswerTokens = 4 };
        ThinkOptions options = ThinkSettings.Read((JsonObject)JsonNode.Parse(settings)!, standard) with { AnswerLogprobs = 3 };
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ThoughtEvent[] events = await Hosts.CollectAsync(service, Prompt, options);

        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas.gguf"), cancellation: Token);
        using ConceptBatch batch = model.CreateBatch(8);
        ThoughtEvent[] expected =
            [.. batch.Think([new BatchThought(Prompt, options)], Token).Select(told => told.Happened)];
        Assert.Equal(expected.Select(Describe), events.Select(Describe));
    }

    [Fact]
    public async Task ReadAsync_OwnProcess_ReadsAsThisOne()
    {
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas.gguf"), cancellation: Token);
        float[] vectors = new float[model.Info.EmbeddingLength];
        model.Embeddings.CopyRow(70, vectors);
        ReadOptions options = new() { Faithfulness = true, Readings = 4, Controls = true };

        CloseReading reading = await service.ReadAsync(vectors, options, seed: 9, Token);

        using ConceptSession session = model.CreateSession();
        CloseReading expected = session.ReadClosely(vectors, options, 9, Token);
        Assert.NotEmpty(expected.Text);
        Assert.Equal(expected.Text, reading.Text);
        Assert.Equal(expected.Faithfulness!.Value, reading.Faithfulness!.Value, 1e-12);
        Assert.Equal(expected.Readings!.Select(group => group.Text), reading.Readings!.Select(group => group.Text));
        Assert.Equal(expected.Controls!.Select(control => control.Text), reading.Controls!.Select(control => control.Text));
    }

    [Fact]
    public async Task FindNearestAsync_OwnProcess_FindsWhatThisOneFinds()
    {
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        TraceStep[] steps =
        [
            .. (await Hosts.CollectAsync(service, Prompt, Hosts.Brief)).OfType<ConceptStep>().Select(TraceStep.Of),
        ];

        IReadOnlyList<TraceStep> found = await service.FindNearestAsync(steps, 5, Token);

        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas.gguf"), cancellation: Token);
        IReadOnlyList<TraceStep> expected = TraceNeighbors.Add(steps, model, 5, Token);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Nearest, pair.Second.Nearest));
    }

    [Fact]
    public async Task Info_OwnProcess_IsThatOfTheFile()
    {
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        using ConceptModel model = ConceptModel.Load(CommittedModels.Path("atlas.gguf"), cancellation: Token);
        Assert.Equal(model.Info, service.Info);
        Assert.Equal(new ModelAbilities(Vectors: true, Chat: ChatTemplate.IsCarriedBy(model)), service.Abilities);
        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => service.Model);
        Assert.Contains("Isolation", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThinkAsync_StrategyOfItsOwn_IsRefusedAndSaysWhatToSet()
    {
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ConceptInputException refusal = await Assert.ThrowsAsync<ConceptInputException>(
            () => Hosts.CollectAsync(service, Prompt, Hosts.Endless));
        Assert.Contains("'slow'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Isolation to InProcess", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThinkAsync_PromptThatDoesNotFit_IsRefusedAsInThisProcess()
    {
        using IHost host = await StartAsync();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        string prompt = string.Join(' ', Enumerable.Repeat("the", 400));
        Exception refusal = await Assert.ThrowsAnyAsync<ConceptInputException>(
            () => Hosts.CollectAsync(service, prompt, Hosts.Brief));

        using IHost here = await Hosts.StartAsync(builder => builder.AddModel("atlas", Atlas));
        Exception expected = await Assert.ThrowsAnyAsync<ConceptInputException>(
            () => Hosts.CollectAsync(here.Services.GetRequiredService<IConceptService>(), prompt, Hosts.Brief));
        Assert.Equal((expected.GetType(), expected.Message), (refusal.GetType(), refusal.Message));
    }

    [Fact]
    public async Task ThinkAsync_CallerLeaves_FreesItsPlace()
    {
        using IHost host = await StartAsync(model => model.Parallel = 1);
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        ThinkOptions endless = Hosts.Brief with { MaxSteps = 200, FixedLength = true, AnswerTokens = 0 };
        await foreach (ThoughtEvent happened in service.ThinkAsync(Prompt, endless, Token))
        {
            if (happened is ConceptStep)
            {
                break;
            }
        }

        Assert.Contains(await Hosts.CollectAsync(service, Prompt, Hosts.Brief), happened => happened is ThoughtEnded);
        await Hosts.WaitUntilAsync(() => service.Running == 0);
    }

    [Fact]
    public async Task StartAsync_BadFile_FailsTheStartAsInThisProcess()
    {
        using TempFolder folder = new();
        string path = folder.File("bad.gguf");
        await File.WriteAllTextAsync(path, "no model", Token);
        ConceptInputException refusal = await Assert.ThrowsAsync<ConceptInputException>(
            () => StartAsync(model => model.Model = path));
        Assert.Contains("not a GGUF file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnloadAfter_OwnProcess_EndsItAndStartsItAgain()
    {
        using IHost host = await StartAsync(model =>
        {
            (model.UnloadAfter, model.Loading) = (TimeSpan.FromMilliseconds(50), ModelLoading.OnFirstRequest);
        });
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        for (int i = 0; i < 3; i++)
        {
            await Hosts.CollectAsync(service, Prompt, Hosts.Brief);
            await Hosts.WaitUntilAsync(() => service.State == ModelState.Unloaded);
            Assert.Null(service.Abilities);
        }
    }

    [Fact]
    public async Task ReadAsync_PastTheDeadline_SaysWhich()
    {
        using IHost host = await StartAsync(model => model.Deadline = TimeSpan.FromMilliseconds(50));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        TimeoutException problem = await Assert.ThrowsAsync<TimeoutException>(() => service.ReadAsync(
            new float[service.Info!.EmbeddingLength], new ReadOptions { Readings = 10_000 }, cancellation: Token));
        Assert.Contains("longer than 00:00:00.05", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>What the thread that hears a process throws ends that process.</summary>
    [Theory]
    [InlineData((byte)FrameKind.ThoughtEnded, 7, """{"Ended":{"Reason":3,"AnswerReason":null},"Problem":null}""")]
    [InlineData((byte)FrameKind.PromptRead, 7, """{"Tokens":[1],"Milliseconds":1,"ThinkEnd":null}""")]
    [InlineData((byte)FrameKind.ReadingDone, 7, """{"Text":"","Ids":[]}""")]
    [InlineData((byte)FrameKind.Failed, 7, """{"Kind":"other","Message":"","Field":null,"Numbers":null}""")]
    [InlineData((byte)FrameKind.Think, 0, "{}")]
    public async Task Receive_FrameAboutNothingThatWasAsked_IsRefused(byte kind, int id, string body)
    {
        using IHost host = await StartAsync();
        WorkerRunner runner = (WorkerRunner)((HostedModel)host.Services.GetRequiredService<IConceptService>()).Runner;
        Assert.Throws<InvalidDataException>(() => runner.Receive(new Frame((FrameKind)kind, id, Encoding.UTF8.GetBytes(body))));
    }

    /// <summary>Before it reaches who asked, who would be blamed for it.</summary>
    [Theory]
    [InlineData((byte)FrameKind.ReadingDone, "[]")]
    [InlineData((byte)FrameKind.ReadingDone, "null")]
    [InlineData((byte)FrameKind.NearestFound, """{"a":1}""")]
    public async Task Receive_AnswerOfAnotherForm_IsRefused(byte kind, string body)
    {
        using IHost host = await StartAsync();
        WorkerRunner runner = (WorkerRunner)((HostedModel)host.Services.GetRequiredService<IConceptService>()).Runner;
        Task<CloseReading> asked = runner.ReadAsync(new float[runner.Info.EmbeddingLength], new ReadOptions { Readings = 10_000 }, 0, Token);
        Assert.ThrowsAny<Exception>(() => runner.Receive(new Frame((FrameKind)kind, 1, Encoding.UTF8.GetBytes(body))));
        Assert.False(asked.IsCompleted);
        host.Dispose();
        await Assert.ThrowsAsync<ModelWorkerException>(() => asked);
    }

    private static void Atlas(HostedModelSettings model) => model.Model = CommittedModels.Path("atlas.gguf");

    private static Task<IHost> StartAsync(Action<HostedModelSettings>? configure = null) =>
        Hosts.StartAsync(builder => builder.AddModel("atlas", model =>
        {
            Atlas(model);
            model.Isolation = ModelIsolation.OwnProcess;
            configure?.Invoke(model);
        }));

    /// <summary>All that an event says, but for the time it took.</summary>
    private static string Describe(ThoughtEvent happened) => happened switch
    {
        PromptRead prompt => $"prompt {string.Join(' ', prompt.Tokens)} end {string.Join(' ', prompt.ThinkEnd ?? [])}",
        ConceptStep step => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"step {step.Index} {step.Position} {step.Kind} {step.Entropy:R} {string.Join(' ', step.Tokens)} {step.Chosen} " +
            $"{string.Join(' ', step.Vector ?? [])} {step.IsMarker} '{step.Words}'"),
        ChunkRead chunk => $"chunk {chunk.FirstStep} {chunk.StepCount} {chunk.Translation} {chunk.Replaced} " +
            $"{string.Join(' ', chunk.Close!.Ids)} {chunk.Close.Faithfulness?.Value:R} " +
            $"{string.Join(' ', chunk.Close.Readings?.Select(group => $"{group.Text} {group.Count} {group.Faithfulness?.Gain:R}") ?? [])}",
        AnswerPiece piece => $"piece {piece.Text} {piece.Token} {piece.Logprobs?.Chosen} {string.Join(' ', piece.Logprobs?.Top ?? [])}",
        _ => $"{happened}",
    };
}
