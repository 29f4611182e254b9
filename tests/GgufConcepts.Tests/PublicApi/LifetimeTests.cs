using GgufConcepts.Decoding;
using GgufConcepts.Lens;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>What was disposed says so; and no text is one that ends the process.</summary>
public sealed class LifetimeTests(LoadedModels models)
{
    private static readonly Dictionary<string, Action<ConceptModel>> s_ofAModel = new()
    {
        ["CreateSession"] = model => model.CreateSession(),
        ["CreateBatch"] = model => model.CreateBatch(1),
        ["Parity"] = model => _ = model.Parity,
        ["ThinkAsync"] = model => model.ThinkAsync("a").GetAsyncEnumerator().MoveNextAsync().AsTask().GetAwaiter().GetResult(),
        ["Tokenizer.EncodePrompt"] = model => model.Tokenizer.EncodePrompt("a"),
        ["Tokenizer.EncodeContinuation"] = model => model.Tokenizer.EncodeContinuation("a"),
        ["Tokenizer.Text"] = model => model.Tokenizer.Text(5),
        ["Tokenizer.Bytes"] = model => model.Tokenizer.Bytes(5),
        ["Tokenizer.Decode"] = model => model.Tokenizer.Decode([5]),
        ["Tokenizer.IsControl"] = model => model.Tokenizer.IsControl(5),
        ["Tokenizer.IsEndOfText"] = model => model.Tokenizer.IsEndOfText(5),
        ["Tokenizer.NeverMixed"] = model => _ = model.Tokenizer.NeverMixed,
        ["Tokenizer.FindMarker"] = model => model.Tokenizer.FindMarker("a"),
        ["Embeddings.CopyRow"] = model => model.Embeddings.CopyRow(5, new float[model.Embeddings.Width]),
        ["InputEmbeddings.Row"] = model => new InputEmbeddings(model.Embeddings, 1).Row(5, new float[model.Embeddings.Width]),
        ["LogitLens"] = model => new LogitLens(model),
        ["WordVectors.Find"] = model => WordVectors.Find(model, "a", mean: true),
    };

    private static readonly Dictionary<string, Action<ConceptSession>> s_ofASession = new()
    {
        ["Think"] = session => session.Think("a").Count(),
        ["Generate"] = session => session.Generate("a", new TokenDecoding(), 1).Count(),
        ["ListNext"] = session => session.ListNext("a", 1, 1),
        ["Read"] = session => session.Read(new float[session.Decoder.Info.VectorWidth]),
        ["Embeddings"] = session => _ = session.Embeddings,
        ["Decoder.Position"] = session => session.Decoder.Position(0),
        ["Decoder.Feed"] = session => session.Decoder.Feed(0, [1], Outputs.Logits),
        ["Decoder.Step"] = session => session.Decoder.Step([0], [1], Outputs.Logits),
        ["Decoder.Fork"] = session => session.Decoder.Fork(0, 1),
        ["Decoder.TryRewind"] = session => session.Decoder.TryRewind(0, 0),
        ["Decoder.Logits"] = session => session.Decoder.Logits(),
    };

    public static TheoryData<string> OfAModel => [.. s_ofAModel.Keys];

    public static TheoryData<string> OfASession => [.. s_ofASession.Keys];

    [Theory, MemberData(nameof(OfAModel))]
    public void Call_OnADisposedModel_Throws(string call)
    {
        ConceptModel model = ConceptModel.Load(
            TinyModels.Path(TinyArchitecture.Qwen2), new ModelOptions { GpuLayers = 0, Threads = 1 }, null,
            TestContext.Current.CancellationToken);
        model.Dispose();
        model.Dispose(); // twice is once
        Assert.Throws<ObjectDisposedException>(() => s_ofAModel[call](model));
    }

    [Theory, MemberData(nameof(OfASession))]
    public void Call_OnADisposedSession_Throws(string call)
    {
        ConceptSession session = models.Tiny(TinyArchitecture.Qwen2).CreateSession();
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => s_ofASession[call](session));
    }

    [Fact]
    public void Think_OnADisposedBatch_Throws()
    {
        ConceptBatch batch = models.Tiny(TinyArchitecture.Qwen2).CreateBatch(1);
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Think([new BatchThought("a")], TestContext.Current.CancellationToken).Count());
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\0")]
    [InlineData("a\ud800b")]
    [InlineData("\udc00")]
    [InlineData("\ufeff\u202e\uffff")]
    public void Generate_TextThatIsHardlyOne_IsReadLikeAnyOther(string text)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        Assert.NotEmpty(model.Tokenizer.EncodePrompt(text, markers: true));
        Assert.NotEmpty(model.Tokenizer.EncodeContinuation(text));
        Assert.Equal(-1, model.Tokenizer.FindMarker(text + text));
        using ConceptSession session = model.CreateSession();
        ChatOptions chat = new() { Template = "chatml", System = text, History = [new ChatTurn(ChatRole.User, text)] };
        IEnumerable<ThoughtEvent> events = session.Generate(
            text, new TokenDecoding { Greedy = true }, maxTokens: 2, chat: chat, cancellation: TestContext.Current.CancellationToken);
        Assert.IsType<ThoughtEnded>(events.Last());
    }
}
