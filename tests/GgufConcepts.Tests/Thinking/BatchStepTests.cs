using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Steps without events.</summary>
public sealed class BatchStepTests(LoadedModels models)
{
    [Theory]
    [InlineData("soft")]
    [InlineData("hidden")]
    [InlineData("token")]
    public void AdvanceAndFeed_AfterWarmUp_AllocateNothing(string name)
    {
        const int Count = 4;
        const int Steps = 50;
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        IStrategy strategy = StrategyCatalog.Standard.Make(StrategySpec.ParseList(name)[0]);
        using ConceptBatch batch = model.CreateBatch(Count);
        Outputs outputs = strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        BatchStep step = new(batch.Decoder, Count);
        for (int i = 0; i < Count; i++)
        {
            InputEmbeddings embeddings = model.CreateEmbeddings();
            Timeline timeline = new(batch.Decoder, i, outputs);
            StrategyContext context = model.DescribeTo(batch.Decoder.Info, (ulong)i) with { Space = embeddings };
            Writer writer = new(
                timeline, strategy, context, strategy.FeedsVectors ? embeddings : null, keepsPending: false);
            timeline.Feed([1, 2, 3 + i], TestContext.Current.CancellationToken);
            writer.Advance();
            step.Add(writer);
        }

        Run(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Steps);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3 + 10 + Steps, batch.Decoder.Position(Count - 1));

        void Run(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                step.Feed(outputs, TestContext.Current.CancellationToken);
                step.Advance();
            }
        }
    }
}
