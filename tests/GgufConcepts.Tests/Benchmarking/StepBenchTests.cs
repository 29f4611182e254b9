using GgufConcepts.Benchmarking;
using GgufConcepts.Evaluation;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Benchmarking;

public sealed class StepBenchTests(LoadedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> EveryStrategy => [.. StrategyCatalog.Standard.Names];

    [Fact]
    public void Run_TwoStrategiesTwoBatches_HasARowForEach()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        StepBenchOptions options = new()
        {
            Strategies = EvalStrategy.Of([new StrategySpec("soft"), new StrategySpec("hidden")]),
            Batches = [1, 3],
            Steps = 4,
            Blocks = 6,
        };
        List<StepBenchProgress> progress = [];

        StepBenchReport report = StepBench.Run(model, options, new Progress(progress), Token);

        Assert.Equal([("soft", 1), ("hidden", 1), ("soft", 3), ("hidden", 3)], report.Rows.Select(row => (row.Strategy, row.Batch)));
        Assert.Equal(24, progress.Count);
        Assert.True(report.BytesPerSecond > 0);
        Assert.All(report.Rows, row =>
        {
            Assert.InRange(row.Ratio, row.RatioLow, row.RatioHigh);
            Assert.InRange(row.MixerMicroseconds, 0, row.ConceptStepMs * 1e3);
            Assert.Equal(row.Batch * 1e3 / row.ConceptStepMs, row.StepsPerSecond, 1e-6 * row.StepsPerSecond);
            Assert.Equal(1, row.GraphReuse); // four steps cross no bound of 256 positions
        });
    }

    [Theory, MemberData(nameof(EveryStrategy))]
    public void Step_AnyStrategy_AllocatesNothing(string strategy)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using StepField field = new(model, model.Tokenizer.EncodePrompt("Once upon a time"), batch: 1, steps: 40);
        IStepper stepper = field.NewConcepts(StrategyCatalog.Standard.Make(strategy));
        field.Begin(stepper, Token);
        Take(20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Take(20);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Take(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                stepper.Step(Token);
            }
        }
    }

    [Fact]
    public void Begin_AfterSteps_GivesTheLogitsOfTheFirstTime()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using StepField field = new(model, model.Tokenizer.EncodePrompt("Once upon a time"), batch: 2, steps: 4);
        IStepper stepper = field.NewTokens();
        field.Begin(stepper, Token);
        float[] first = [.. field.Decoder.Logits(0), .. field.Decoder.Logits(1)];
        stepper.Step(Token);
        Assert.NotEqual(first[..model.Info.VocabularySize], field.Decoder.Logits(0).ToArray());

        field.Begin(stepper, Token);
        Assert.Equal(first, (float[])[.. field.Decoder.Logits(0), .. field.Decoder.Logits(1)]);
    }

    [Fact]
    public void Run_MoreStepsThanTheContextHolds_IsRefused()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        ConceptInputException problem = Assert.Throws<ConceptInputException>(
            () => StepBench.Run(model, new StepBenchOptions { Steps = 10_000 }, cancellation: Token));
        Assert.Contains("do not fit the context", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>All tensors, since the table of a tied model is its head too; of an untied one's table a row.</summary>
    [Theory]
    [InlineData(TinyArchitecture.Qwen2)]
    [InlineData(TinyArchitecture.Qwen2Untied)]
    public void BytesPerStep_Tensors_CountsWhatATokenReads(TinyArchitecture kind)
    {
        using GgufModelFile file = GgufModelFile.Open(TinyModels.Path(kind));
        GgufTensor table = file.Find("token_embd.weight")!;
        long unread = kind == TinyArchitecture.Qwen2Untied ? table.ByteLength - (table.ByteLength / table.RowCount) : 0;
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength) - unread, WeightTraffic.BytesPerStep(file));
    }

    private sealed class Progress(List<StepBenchProgress> seen) : IProgress<StepBenchProgress>
    {
        public void Report(StepBenchProgress value) => seen.Add(value);
    }
}
