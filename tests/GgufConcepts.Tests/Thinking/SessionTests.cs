using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Sessions: who may use them when, what becomes of them, what a run leaves to the next.</summary>
public sealed class SessionTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_short = new()
    {
        MaxSteps = 5, ColdStop = new ColdStop { Entropy = 0 }, Reader = new ReadOptions { MaxTokens = 3 }, AnswerTokens = 3,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    [Fact]
    public void Think_SecondRunOfASession_EqualsTheFirst()
    {
        using ConceptSession session = Model.CreateSession();
        ThinkOptions options = s_short with { ChunkLength = 2 };
        Trace first = Runs.Record(Model, Prompt, options, session.Think(Prompt, options, Token));
        _ = session.Think("What one two three", s_short, Token).Count();
        Trace again = Runs.Record(Model, Prompt, options, session.Think(Prompt, options, Token));
        Assert.Equal(Runs.WithoutTimes(first), Runs.WithoutTimes(again));
    }

    [Fact]
    public void Think_BadOptions_ThrowsBeforeTheFirstEvent()
    {
        using ConceptSession session = Model.CreateSession();
        ThinkOptions bad = new() { MaxSteps = -2, AnswerTokens = -1 };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => session.Think(Prompt, bad, Token));
        Assert.Contains("The step limit is -2;", refused.Message, StringComparison.Ordinal);
        Assert.Contains("The answer's token limit is -1;", refused.Message, StringComparison.Ordinal);
        Assert.Equal("prompt", Assert.Throws<ArgumentNullException>(() => session.Think(null!, s_short, Token)).ParamName);
    }

    [Fact]
    public void Think_WhileAnotherRunGoesOn_IsRefusedAndHarmsNothing()
    {
        using ConceptSession session = Model.CreateSession();
        Trace alone = Runs.Think(Model, Prompt, s_short);
        IEnumerable<ThoughtEvent> Disturbed()
        {
            foreach (ThoughtEvent happened in session.Think(Prompt, s_short, Token))
            {
                Assert.Throws<InvalidOperationException>(() => session.Think(Prompt, s_short, Token).First());
                Assert.Throws<InvalidOperationException>(() => session.Generate(Prompt, new TokenDecoding(), 3, cancellation: Token).First());
                Assert.Throws<InvalidOperationException>(() => session.ListNext(Prompt, 1, 3, Token));
                Assert.Throws<InvalidOperationException>(() => session.Read(new float[64], null, Token));
                yield return happened;
            }
        }

        Assert.Equal(Runs.WithoutTimes(alone), Runs.WithoutTimes(Runs.Record(Model, Prompt, s_short, Disturbed())));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)] // within the answer
    public void Think_Abandoned_FreesTheSession(int events)
    {
        using ConceptSession session = Model.CreateSession();
        Assert.Equal(events, session.Think(Prompt, s_short, Token).Take(events).Count());
        Trace again = Runs.Record(Model, Prompt, s_short, session.Think(Prompt, s_short, Token));
        Assert.Equal(Runs.WithoutTimes(Runs.Think(Model, Prompt, s_short)), Runs.WithoutTimes(again));
    }

    [Fact]
    public void Think_FailsOnTheWay_FreesTheSession()
    {
        using ConceptSession session = Model.CreateSession();
        Assert.Throws<ConceptInputException>(() => session.Think("", s_short, Token).Count());
        Assert.NotEmpty(session.Think(Prompt, s_short, Token));
    }

    [Theory]
    [InlineData(0, 0)] // before the prompt
    [InlineData(3, 2)] // two steps on
    [InlineData(6, 5)] // before the reading
    public void Think_Cancelled_ThrowsAndTheRecordStands(int events, int steps)
    {
        using CancellationTokenSource source = new();
        using ConceptSession session = Model.CreateSession();
        TraceRecorder recorder = Runs.Recorder(Model, Prompt, s_short);
        using IEnumerator<ThoughtEvent> run = session.Think(Prompt, s_short, source.Token).GetEnumerator();
        for (int i = 0; i < events; i++)
        {
            Assert.True(run.MoveNext());
            recorder.Add(run.Current);
        }

        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => run.MoveNext());
        Trace trace = recorder.Build();
        Assert.Equal(("cancelled", steps, ""), (trace.Stop, trace.Steps.Count, trace.Answer));
        Assert.NotEmpty(session.Think(Prompt, s_short, Token)); // the session goes on
    }

    [Fact]
    public async Task ThinkAsync_SameOptions_StreamsTheSameEvents()
    {
        TraceRecorder recorder = Runs.Recorder(Model, Prompt, s_short);
        List<Type> kinds = [];
        await foreach (ThoughtEvent happened in Model.ThinkAsync(Prompt, s_short, Token))
        {
            recorder.Add(happened);
            kinds.Add(happened.GetType());
        }

        using ConceptSession session = Model.CreateSession();
        List<ThoughtEvent> events = [.. session.Think(Prompt, s_short, Token)];
        Assert.Equal(events.Select(happened => happened.GetType()), kinds);
        Assert.Equal(
            Runs.WithoutTimes(Runs.Record(Model, Prompt, s_short, events)), Runs.WithoutTimes(recorder.Build()));
    }

    [Fact]
    public async Task ThinkAsync_Cancelled_Throws()
    {
        using CancellationTokenSource source = new();
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ThoughtEvent _ in Model.ThinkAsync(Prompt, s_short, source.Token))
            {
                if (++seen == 3)
                {
                    await source.CancelAsync();
                }
            }
        });
        Assert.Equal(3, seen);
    }

    [Fact]
    public async Task ThinkAsync_SeveralAtOnce_DoNotMeet()
    {
        string expected = Runs.WithoutTimes(Runs.Think(Model, Prompt, s_short));
        Task<Trace>[] runs = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => Runs.Think(Model, Prompt, s_short), Token))];
        Assert.All(await Task.WhenAll(runs), trace => Assert.Equal(expected, Runs.WithoutTimes(trace)));
    }

    [Fact]
    public async Task Dispose_ModelBeforeSession_SessionGoesOn()
    {
        ConceptModel model = await ConceptModel.LoadAsync(Model.Info.Path, new ModelOptions { GpuLayers = 0, Threads = 1 }, null, Token);
        ConceptSession session = model.CreateSession();
        model.Dispose();
        model.Dispose();
        Trace trace = Runs.Record(model, Prompt, s_short, session.Think(Prompt, s_short, Token));
        Assert.Equal(Runs.WithoutTimes(Runs.Think(Model, Prompt, s_short)), Runs.WithoutTimes(trace));
        Assert.Throws<ObjectDisposedException>(model.CreateSession);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Think(Prompt, s_short, Token).First());
        Assert.Throws<ObjectDisposedException>(() => session.Embeddings);
        Assert.Throws<ObjectDisposedException>(() => model.Tokenizer.EncodePrompt(Prompt)); // its memory is gone now
        float[] row = new float[model.Embeddings.Width];
        Assert.Throws<ObjectDisposedException>(() => model.Embeddings.CopyRow(0, row));
    }

    [Fact]
    public void Dispose_InTheMiddleOfARun_RunThrows()
    {
        ConceptSession session = Model.CreateSession();
        using IEnumerator<ThoughtEvent> run = session.Think(Prompt, s_short, Token).GetEnumerator();
        Assert.True(run.MoveNext());
        Assert.True(run.MoveNext());
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => run.MoveNext());
    }

    [Fact]
    public async Task Dispose_FromAnotherThread_WaitsForTheStep()
    {
        ConceptSession session = Model.CreateSession();
        Task? disposal = null;
        bool freedWhileRead = false;
        ScriptedStrategy strategy = new(ScriptedStrategy.Unsure)
        {
            MidStep = () =>
            {
                disposal ??= Task.Run(session.Dispose, Token);
                freedWhileRead |= disposal.Wait(200, Token);
            },
        };
        Assert.Throws<ObjectDisposedException>(
            () => session.Think(Prompt, s_short with { Strategy = strategy }, Token).ToList());
        Assert.False(freedWhileRead);
        await disposal!;
        Assert.Throws<ObjectDisposedException>(() => session.Decoder.Position(0));
    }

    [Fact]
    public void ListNext_Prompt_GivesTrueProbabilities()
    {
        using ConceptSession session = Model.CreateSession();
        NextTokens next = session.ListNext(Prompt, 0.7f, 20, Token);
        Assert.Equal(Model.Tokenizer.EncodePrompt(Prompt), next.PromptTokens);
        double[] probabilities = Float64Llama.Softmax(
            [.. session.Decoder.Logits().ToArray().Select(logit => logit / 0.7)]);
        Assert.Equal(probabilities.OrderDescending().Take(20), next.Tokens.Select(token => (double)token.Probability), Near);
        Assert.All(next.Tokens, token => Assert.Equal(probabilities[token.Id], token.Probability, 1e-5));
        Assert.Equal(-probabilities.Sum(p => p * Math.Log(p)), next.Entropy, 1e-4);
        Assert.Throws<ConceptInputException>(() => session.ListNext(Prompt, 0, 3, Token));
        Assert.Throws<ConceptInputException>(() => session.ListNext(Prompt, 1, 0, Token));

        static bool Near(double a, double b) => Math.Abs(a - b) < 1e-5;
    }
}
