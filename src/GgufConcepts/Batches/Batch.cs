using System.Runtime.CompilerServices;

namespace GgufConcepts.Batches;

/// <summary>A file of prompts and the file of their results, which grows with each and is gone on with after an end of any
/// kind. One caller.</summary>
public sealed class Batch : IDisposable
{
    private readonly BatchInput _input;
    private readonly BatchOptions _options;
    private readonly BatchOutput _output;

    private Batch(BatchInput input, string outputPath, BatchOptions options)
    {
        (_input, _options, OutputPath) = (input, options, outputPath);
        _output = BatchOutput.Open(outputPath, input, options);
        DoneBefore = _output.Done;
    }

    /// <summary>The file of results.</summary>
    public string OutputPath { get; }

    /// <summary>Jobs of the batch.</summary>
    public int Count => _input.Count;

    /// <summary>Jobs whose results are in the file.</summary>
    public int Done => _output.Done;

    /// <summary>Those of them that were there before.</summary>
    public int DoneBefore { get; }

    /// <summary>Those of them that failed.</summary>
    public int Failed => _output.Failed;

    /// <summary>Opens the file of results, or begins one.</summary>
    /// <param name="input">The prompts; not disposed with this.</param>
    /// <param name="outputPath">The results.</param>
    /// <param name="options">What becomes of results that are there.</param>
    /// <exception cref="ConceptInputException">The file cannot be written, is in use, or holds something else: results of
    /// other prompts or settings.</exception>
    public static Batch Open(BatchInput input, string outputPath, BatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(outputPath);
        return new Batch(input, outputPath, options ?? new BatchOptions());
    }

    /// <summary>Runs the jobs that have no result yet, and writes each result as it comes.</summary>
    /// <param name="runner">Where they run.</param>
    /// <param name="cancellation">Stops soon; what was written stands.</param>
    /// <returns>The results written.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="IOException">A result cannot be written.</exception>
    public async IAsyncEnumerable<BatchResult> RunAsync(
        IBatchRunner runner, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        if (Done < Count)
        {
            await foreach (BatchResult result in runner.RunAsync(Missing(), cancellation).ConfigureAwait(false))
            {
                if (result.Index < Count && !_output.Has(result.Index) && result.Key == _input.KeyOf(result.Index))
                {
                    _output.Add(result);
                    yield return result;
                }
            }

            if (Done < Count)
            {
                throw new InvalidOperationException($"{Count - Done} jobs of {Count} have ended without a result.");
            }
        }

        if (_options.InOrder)
        {
            _output.Sort();
        }
    }

    /// <summary>Closes the file of results.</summary>
    public void Dispose() => _output.Dispose();

    private IEnumerable<BatchJob> Missing() =>
        Enumerable.Range(0, Count).Where(index => !_output.Has(index)).Select(_input.Read);
}
