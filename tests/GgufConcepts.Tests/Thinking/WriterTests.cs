using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

public sealed class WriterTests(LoadedModels models)
{
    [Theory]
    [InlineData("soft", TinyArchitecture.Qwen2)]
    [InlineData("soft", TinyArchitecture.Gemma3)]
    [InlineData("hidden", TinyArchitecture.Qwen2)]
    [InlineData("token", TinyArchitecture.Qwen2)]
    [InlineData("soft:noise=gumbel", TinyArchitecture.Qwen2)]
    [InlineData("soft:noise=dirichlet", TinyArchitecture.Qwen2)]
    [InlineData("full", TinyArchitecture.Qwen2)]
    [InlineData("multi:weighted=true", TinyArchitecture.Qwen2)]
    [InlineData("moi", TinyArchitecture.Qwen2)]
    [InlineData("switch:window=2,maxSwitches=0", TinyArchitecture.Qwen2)]
    [InlineData("selective", TinyArchitecture.Qwen2)]
    [InlineData("router", TinyArchitecture.Qwen2)]
    [InlineData("noise", TinyArchitecture.Gemma3)]
    [InlineData("hidden:norm=match", TinyArchitecture.Gemma3)]
    public void ChooseAndFeed_AfterWarmUp_AllocateNothing(string name, TinyArchitecture kind)
    {
        const int Steps = 50;
        ConceptModel model = models.Tiny(kind);
        using ConceptSession session = model.CreateSession();
        IStrategy strategy = StrategyCatalog.Standard.Make(StrategySpec.ParseList(name)[0]);
        Outputs outputs = strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        Timeline timeline = new(session.Decoder, 0, outputs);
        StrategyContext context = new(model.Info.VocabularySize, 64, 64, model.Tokenizer.NeverMixed, Seed: 1)
        {
            Space = session.Embeddings,
        };
        Writer writer = new(timeline, strategy, context, strategy.FeedsVectors ? session.Embeddings : null);
        CancellationToken token = TestContext.Current.CancellationToken;
        timeline.Feed([1, 2, 3], token);
        Run(Steps + 10); // the list of pending vectors has grown to more than it will need
        long least = long.MaxValue; // the thread pool's own queue may grow while other tests use it
        for (int i = 0; i < 3 && least > 0; i++)
        {
            writer.ForgetPending(writer.PendingCount);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(Steps);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(strategy.FeedsVectors ? Steps : 0, writer.PendingCount);

        void Run(int steps)
        {
            for (int step = 0; step < steps; step++)
            {
                writer.Choose();
                writer.Feed(token);
            }
        }
    }

    [Fact]
    public void ForgetPending_First_LeavesTheRest()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using ConceptSession session = model.CreateSession();
        Timeline timeline = new(session.Decoder, 0, Outputs.Logits);
        StrategyContext context = new(model.Info.VocabularySize, 64, 64, model.Tokenizer.NeverMixed, Seed: 1);
        Writer writer = new(timeline, new SoftThinking(), context, session.Embeddings);
        CancellationToken token = TestContext.Current.CancellationToken;
        timeline.Feed([1, 2, 3], token);
        for (int step = 0; step < 5; step++)
        {
            writer.Choose();
            writer.Feed(token);
        }

        float[] all = writer.Pending.ToArray();
        writer.ForgetPending(2);
        Assert.Equal(3, writer.PendingCount);
        Assert.Equal(all[(2 * 64)..], writer.Pending.ToArray());
        writer.ForgetPending(3);
        Assert.Equal(0, writer.PendingCount);
    }

    [Fact]
    public void Keep_OtherSequenceFed_LogitsAndHiddenStay()
    {
        using ConceptSession session = models.Tiny(TinyArchitecture.Qwen2).CreateSession();
        CancellationToken token = TestContext.Current.CancellationToken;
        Timeline timeline = new(session.Decoder, 0, Outputs.Logits | Outputs.Hidden);
        timeline.Feed([1, 2, 3], token);
        float[] logits = timeline.Logits.ToArray();
        float[] hidden = timeline.Hidden.ToArray();
        timeline.Keep();
        session.Decoder.Feed(1, [9, 8, 7], Outputs.Logits, token);
        Assert.NotEqual(logits, session.Decoder.Logits().ToArray());
        timeline.Keep(); // again: what was kept is not overwritten
        Assert.Equal(logits, timeline.Logits.ToArray());
        Assert.Equal(hidden, timeline.Hidden.ToArray());
        timeline.Feed([4], token);
        Assert.NotEqual(logits, timeline.Logits.ToArray());
    }
}
