using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Sessions: who may use them when, what becomes of them, and that runs repeat.</summary>
public sealed class SessionTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_short = new()
    {
        MaxSteps = 5, ColdStop = new ColdStop { Entropy = 0 }, Reader = new ReadOptions { MaxTokens = 3 }, AnswerTokens = 3,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    public static TheoryData<string> EveryStrategy => [.. StrategyCatalog.Standard.Names];

    [Theory, MemberData(nameof(EveryStrategy))]
    public void Think_SameSeed_GivesTheSameTrace(string strategy)
    {
        ThinkOptions options = s_short with
        {
            Strategy = StrategyCatalog.Standard.Make(strategy), Seed = 5, Answer = new TokenDecoding(), AnswerTokens = 20,
        };
        Assert.Equal(
            Runs.WithoutTimes(Runs.Think(Model, Prompt, options)), Runs.WithoutTimes(Runs.Think(Model, Prompt, options)));
    }

    /// <summary>One table for input and output: the map is the identity, so what is left is the length. Two tables: the
    /// map of the file's own tensors, kept for the next run.</summary>
    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Qwen2Untied)]
    public void Think_Realigned_IsTheMappedStateAtTheLengthOfARow(TinyArchitecture kind)
    {
        ConceptModel model = models.Tiny(kind);
        using TempFolder cache = new();
        Environment.SetEnvironmentVariable("GGUFCONCEPTS_CACHE_DIR", cache.Path);
        ThinkOptions options = s_short with { Reader = null, AnswerTokens = 0 };
        float[] plain = Floats(Runs.Think(model, Prompt, options with { Strategy = new HiddenState() }).Steps[0]);
        float[] realigned = Floats(Runs.Think(model, Prompt, options with { Strategy = new HiddenState { Realign = true } }).Steps[0]);
        float[] mapped = plain;
        if (kind == TinyArchitecture.Qwen2Untied)
        {
            using GgufModelFile file = GgufModelFile.Open(model.Info.Path);
            RidgeMap map = RidgeMap.Compute(file.Find("token_embd.weight")!, file.Find("output.weight")!, Token);
            mapped = new float[plain.Length];
            map.Apply(plain, mapped);
        }

        Assert.Equal(kind == TinyArchitecture.Qwen2Untied ? 1 : 0, Directory.GetFiles(cache.Path).Length);
        double length = EmbeddingStatistics.Measure(model.Embeddings).MeanNorm;
        double scale = length / Math.Sqrt(mapped.Sum(value => (double)value * value));
        Assert.Equal(mapped.Length, realigned.Length);
        Assert.All(mapped.Zip(realigned), pair => Assert.Equal(scale * pair.First, pair.Second, 1e-4));

        static float[] Floats(TraceStep step) =>
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(step.Vector).ToArray();
    }

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
    public void Think_OtherSeed_DrawsOtherTokens()
    {
        ThinkOptions options = s_short with { Strategy = new TokenDecoding(), MaxSteps = 20 };
        IEnumerable<int?> Drawn(ulong seed) =>
            Runs.Think(Model, Prompt, options with { Seed = seed }).Steps.Select(step => step.Chosen?.Id);
        Assert.NotEqual(Drawn(1), Drawn(2));
    }

    [Fact]
    public void Think_OtherSeed_DrawsAnotherAnswer()
    {
        ThinkOptions options = s_short with { Answer = new TokenDecoding(), AnswerTokens = 20 };
        Trace one = Runs.Think(Model, Prompt, options with { Seed = 1 });
        Trace other = Runs.Think(Model, Prompt, options with { Seed = 2 });
        Assert.NotEqual(one.Answer, other.Answer);
        Assert.Equal(one.Steps.Select(step => step.Entropy), other.Steps.Select(step => step.Entropy)); // nothing is drawn there
    }

    [Fact]
    public void Think_DrawnThoughtAndAnswer_DrawAnew()
    {
        TokenDecoding evenly = new() { Mix = new MixOptions { Temperature = 1e6f } }; // every token as likely as any other
        ThinkOptions options = new() { Strategy = evenly, Answer = evenly, MaxSteps = 8, AnswerTokens = 8, Seed = 1 };
        Trace trace = Runs.Think(Model, Prompt, options);
        string thought = Model.Tokenizer.Decode([.. trace.Steps.Select(step => step.Chosen!.Id)]);
        Assert.False(thought.StartsWith(trace.Answer, StringComparison.Ordinal) && trace.Answer.Length > 0, thought);
    }

    [Fact]
    public void Think_NoAnswerWanted_GivesNone()
    {
        using ConceptSession session = Model.CreateSession();
        List<ThoughtEvent> events = [.. session.Think(Prompt, s_short with { AnswerTokens = 0 }, Token)];
        Assert.DoesNotContain(events, happened => happened is AnswerPiece);
        Assert.Equal(
            [typeof(PromptRead), .. Enumerable.Repeat(typeof(ConceptStep), 5), typeof(ChunkRead), typeof(ThoughtEnded)],
            events.Select(happened => happened.GetType()));
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2Untied)]
    [InlineData(TinyArchitecture.Gemma3)]
    [InlineData(TinyArchitecture.Qwen2VL)]
    [InlineData(null)]
    public void Think_SoftOfOneToken_EqualsGreedyTokens(TinyArchitecture? kind)
    {
        ConceptModel model = kind is { } tiny ? models.Tiny(tiny) : models.Stories();
        ThinkOptions soft = s_short with { MaxSteps = 40, Strategy = new SoftThinking { Mix = new() { MaxTopK = 1 } } };
        ThinkOptions greedy = s_short with
        {
            MaxSteps = 40, Strategy = new TokenDecoding { Greedy = true, Mix = new() { MaxTopK = 1 } },
        };
        Trace vectors = Runs.Think(model, Prompt, soft);
        Trace tokens = Runs.Think(model, Prompt, greedy);
        Assert.InRange(tokens.Steps.Count, 3, 40);
        Assert.Equal(
            tokens.Steps.Select(step => (step.Position, step.Kind, step.Chosen, step.Entropy)), // the very same logits
            vectors.Steps.Select(step => (step.Position, step.Kind, step.Chosen, step.Entropy)));
        Assert.Equal(tokens.Answer, vectors.Answer);
    }

    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Gpt2)]
    [InlineData(TinyArchitecture.Llama)]
    public void Think_WidestMixture_HoldsNoControlToken(TinyArchitecture kind)
    {
        ConceptModel model = models.Tiny(kind);
        ThinkOptions options = s_short with { Strategy = new SoftThinking { Mix = new() { MaxTopK = 256 } }, MaxSteps = 20 };
        Trace trace = Runs.Think(model, Prompt, options);
        Assert.True(trace.Steps.Count > 3);
        HashSet<int> mixed = [.. trace.Steps.SelectMany(step => step.Tokens).Select(token => token.Id)];
        Assert.True(mixed.Count > model.Info.VocabularySize / 2);
        Assert.DoesNotContain(mixed, model.Tokenizer.NeverMixed.Contains);
    }

    [Fact]
    public void Think_EmptyPromptWithoutBeginMarker_IsInputError()
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => Runs.Think(Model, "", s_short));
        Assert.Equal("The prompt is empty; write at least one word.", refused.Message);
        Assert.Single(Runs.Think(models.Tiny(TinyArchitecture.Llama), "", s_short).PromptTokens); // the marker is enough
    }

    [Fact]
    public void Think_BadOptions_ThrowsBeforeTheFirstEvent()
    {
        using ConceptSession session = Model.CreateSession();
        ThinkOptions bad = new() { MaxSteps = 0, AnswerTokens = -1 };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(() => session.Think(Prompt, bad, Token));
        Assert.Contains("The step limit is 0;", refused.Message, StringComparison.Ordinal);
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

    [Fact]
    public void Think_StrategyThatWantsHiddenStates_IsShownThem()
    {
        ScriptedStrategy strategy = new(ScriptedStrategy.Unsure) { NeedsHidden = true };
        Runs.Think(Model, Prompt, s_short with { Strategy = strategy, ChunkLength = 2 });
        Assert.Equal(5, strategy.HiddenSeen.Count);
        Assert.All(strategy.HiddenSeen, hidden => Assert.Equal(64, hidden.Length));
        Assert.NotEqual(strategy.HiddenSeen[0], strategy.HiddenSeen[1]);

        ScriptedStrategy blind = new(ScriptedStrategy.Unsure);
        Runs.Think(Model, Prompt, s_short with { Strategy = blind });
        Assert.All(blind.HiddenSeen, Assert.Empty);
    }
}
