using System.Diagnostics;
using GgufConcepts.Evaluation;
using GgufConcepts.Models;

namespace GgufConcepts.Benchmarking;

/// <summary>Measures what a step of a thought costs beside a step of plain decoding.</summary>
/// <remarks>
/// Both sides work in one process, in alternating blocks (which is first changes from pair to pair), from the same prompt
/// on the same positions. The first step of a block, which rebuilds the compute graph, is left out; a block is told by the
/// median of its steps. The token side is the barest there is: a decode and the place of the largest logit.
/// </remarks>
public sealed class StepBench
{
    private const double WarmUpSeconds = 0.5; // until what runs is compiled for good: in the background, after 30 calls
    private const int WarmUpSteps = 64;

    private readonly ConceptModel _model;
    private readonly StepBenchOptions _options;
    private readonly IProgress<StepBenchProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly int[] _prompt;
    private readonly long _weightBytes;
    private readonly MemoryBandwidth _bandwidth;
    private readonly List<double> _bandwidths = [];

    private StepBench(
        ConceptModel model,
        StepBenchOptions options,
        IProgress<StepBenchProgress>? progress,
        CancellationToken cancellation)
    {
        _model = model;
        _options = options;
        _progress = progress;
        _cancellation = cancellation;
        _prompt = model.Tokenizer.EncodePrompt(options.Prompt);
        _weightBytes = WeightTraffic.BytesPerStep(model.ModelFile);
        _bandwidth = new MemoryBandwidth(_weightBytes, model.ComputeThreads);
    }

    /// <summary>Measures every strategy at every batch size.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to compare, and for how long.</param>
    /// <param name="progress">Told after every pair of blocks.</param>
    /// <param name="cancellation">Stops within a step.</param>
    /// <exception cref="ConceptInputException">An option is out of range, the steps do not fit the context, or the model
    /// cannot take vectors.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static StepBenchReport Run(
        ConceptModel model,
        StepBenchOptions? options = null,
        IProgress<StepBenchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new StepBenchOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        StepBench bench = new(model, options, progress, cancellation);
        bench.CheckRoom();
        List<StepBenchRow> rows = [];
        foreach (int batch in options.Batches)
        {
            rows.AddRange(options.Strategies.Select(strategy => bench.Measure(strategy, batch)));
        }

        return new StepBenchReport(
            model.Info, model.ComputeThreads, bench._weightBytes, MedianInterval.MedianOf([.. bench._bandwidths.Order()]), rows);
    }

    private void CheckRoom()
    {
        if (_prompt.Length == 0)
        {
            throw new ConceptInputException("The prompt is empty; write at least one word.");
        }

        if (_prompt.Length + _options.Steps + 1 > _model.Info.ContextLength)
        {
            throw new ConceptInputException(
                $"A prompt of {_prompt.Length} tokens and {_options.Steps + 1} steps do not fit the context of " +
                $"{_model.Info.ContextLength}; take fewer steps a block, or a larger context.");
        }
    }

    private StepBenchRow Measure(EvalStrategy strategy, int batch)
    {
        using StepField field = new(_model, _prompt, batch, _options.Steps + 1);
        StepBlock tokens = new(field, field.NewTokens(), _options.Steps);
        StepBlock concepts = new(field, field.NewConcepts(strategy.Rule), _options.Steps);
        WarmUp(tokens);
        WarmUp(concepts);

        StepTally tally = new(_options, batch, _model.ComputesOnProcessor ? _model.ComputeThreads : null);
        List<double> bandwidths = [];
        for (int pair = 0; pair < _options.Blocks; pair++)
        {
            (StepBlock first, StepBlock second) = pair % 2 == 0 ? (tokens, concepts) : (concepts, tokens);
            first.Run(_cancellation);
            second.Run(_cancellation);
            tally.Add(tokens, concepts);
            bandwidths.Add(_bandwidth.Measure());
            _progress?.Report(new StepBenchProgress(strategy.Label, batch, pair + 1, _options.Blocks));
        }

        _bandwidths.AddRange(bandwidths);
        return tally.ToRow(strategy.Label, _weightBytes, MedianInterval.MedianOf([.. bandwidths.Order()]));
    }

    private void WarmUp(StepBlock block)
    {
        long start = Stopwatch.GetTimestamp();
        for (int steps = 0; steps < WarmUpSteps || Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds;)
        {
            block.Run(_cancellation);
            steps += _options.Steps;
        }
    }
}

/// <summary>How far a bench is.</summary>
/// <param name="Strategy">What is measured.</param>
/// <param name="Batch">Thoughts in one decode.</param>
/// <param name="Done">Pairs of blocks that are done.</param>
/// <param name="Count">Of how many.</param>
public readonly record struct StepBenchProgress(string Strategy, int Batch, int Done, int Count);
