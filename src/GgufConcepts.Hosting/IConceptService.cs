using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Hosting;

/// <summary>A model that a host runs. Registered under its name, and without one where it is the only one. Any thread.</summary>
public interface IConceptService
{
    /// <summary>The name that it was added under.</summary>
    string Name { get; }

    /// <summary>How far the host is with it.</summary>
    ModelState State { get; }

    /// <summary>The part of its file that is loaded, 0 to 1.</summary>
    double LoadedFraction { get; }

    /// <summary>What keeps it from being loaded, or from going on; null where nothing does.</summary>
    Exception? Problem { get; }

    /// <summary>What it is, or was when it was last loaded; null before it ever was.</summary>
    ModelInfo? Info { get; }

    /// <summary>What it can do; null where it is not loaded now.</summary>
    ModelAbilities? Abilities { get; }

    /// <summary>The model, with <see cref="ModelIsolation.InProcess"/>. Where it is unloaded while nobody asks for it
    /// (<see cref="HostedModelSettings.UnloadAfter"/>), to be used while it is held.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded now, or runs in a process of its own.</exception>
    ConceptModel Model { get; }

    /// <summary>Requests that wait for their place.</summary>
    int Waiting { get; }

    /// <summary>Requests that it works on.</summary>
    int Running { get; }

    /// <summary>Keeps the model from being unloaded until this is disposed.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded now.</exception>
    IDisposable Hold();

    /// <summary>Thinks about a prompt, beside the requests that run already.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="options">Strategy, limits, reader, answer.</param>
    /// <param name="cancellation">Ends it within two steps, as leaving the enumeration does.</param>
    /// <returns>What <see cref="ConceptSession.Think"/> gives. Computed as the model goes on, whether or not somebody
    /// waits for it.</returns>
    /// <exception cref="ConceptQueueFullException">As many requests wait as may.</exception>
    /// <exception cref="ConceptInputException">The prompt does not fit or an option is out of range.</exception>
    /// <exception cref="ModelNotLoadedException">The model had to be loaded for it, and could not be.</exception>
    /// <exception cref="ModelWorkerException">The model's process ended meanwhile; it is started again.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="HostedModelSettings.Deadline"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the host stops.</exception>
    IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt, ThinkOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Puts vectors into words, beside the thoughts; one reading after another.</summary>
    /// <param name="vectors">Shape [count, <see cref="ModelInfo.EmbeddingLength"/>], all finite.</param>
    /// <param name="options">How to ask the reader.</param>
    /// <param name="seed">Of the readings that are drawn.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The vectors are none, of another width, or not finite.</exception>
    /// <exception cref="ConceptInputException">The vectors do not fit the context, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is not loaded now.</exception>
    /// <exception cref="ModelWorkerException">The model's process ended meanwhile.</exception>
    Task<CloseReading> ReadAsync(
        float[] vectors, ReadOptions? options = null, ulong seed = 0, CancellationToken cancellation = default);

    /// <summary>Adds to steps the tokens that lie nearest to their vectors, beside the thoughts; one pass over the table of
    /// embeddings after another.</summary>
    /// <param name="steps">Steps of a thought of this model.</param>
    /// <param name="count">Tokens a step.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ConceptInputException">The steps are of another model, or it cannot think in vectors.</exception>
    /// <exception cref="InvalidOperationException">The model is not loaded now.</exception>
    /// <exception cref="ModelWorkerException">The model's process ended meanwhile.</exception>
    Task<IReadOnlyList<TraceStep>> FindNearestAsync(
        IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation = default);
}

/// <summary>A model has as many requests waiting as it may: try again later.</summary>
/// <param name="model">The model's name.</param>
/// <param name="length">How many wait.</param>
public sealed class ConceptQueueFullException(string model, int length)
    : Exception($"{length} requests wait for {model}, which is as many as may; try again later.");
