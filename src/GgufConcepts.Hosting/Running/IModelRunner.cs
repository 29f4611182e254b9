using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting.Running;

/// <summary>A loaded model at work: in this process, or in one of its own.</summary>
internal interface IModelRunner : IDisposable
{
    /// <summary>What it is.</summary>
    ModelInfo Info { get; }

    /// <summary>What it can do.</summary>
    ModelAbilities Abilities { get; }

    /// <summary>The model, where it is in this process; else null.</summary>
    ConceptModel? Model { get; }

    /// <summary>Whether it has answered anything as it should.</summary>
    bool HasWorked { get; }

    /// <summary>Works on the requests of a queue, until no more will come or none has come for as long as the queue has
    /// patience. One caller at a time.</summary>
    /// <param name="queue">Where they come from, and who is told what happens.</param>
    /// <param name="cancellation">Abandons those that run.</param>
    /// <exception cref="ModelWorkerException">The model's process ended; those that ran have heard nothing of it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    void Run(JobQueue queue, CancellationToken cancellation);

    /// <summary>Puts vectors into words, beside the thoughts. Any thread; one reading after another.</summary>
    /// <param name="vectors">Shape [count, embedding length].</param>
    /// <param name="options">How to ask the reader.</param>
    /// <param name="seed">Of the readings that are drawn.</param>
    /// <param name="cancellation">Stops it.</param>
    Task<CloseReading> ReadAsync(float[] vectors, ReadOptions options, ulong seed, CancellationToken cancellation);

    /// <summary>Adds the tokens nearest to each step's vector, beside the thoughts. Any thread; one pass after another.</summary>
    /// <param name="steps">Steps of a thought of this model.</param>
    /// <param name="count">Tokens a step.</param>
    /// <param name="cancellation">Stops it.</param>
    Task<IReadOnlyList<TraceStep>> FindNearestAsync(IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation);
}
