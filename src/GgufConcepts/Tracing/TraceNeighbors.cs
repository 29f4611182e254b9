using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tracing;

/// <summary>Adds to a trace which tokens lie nearest to each vector, by cosine in the space of input
/// embeddings.</summary>
public static class TraceNeighbors
{
    /// <summary>Lists the nearest tokens of every step; one pass over the table for all of them.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="model">The model it came from.</param>
    /// <param name="session">A session of that model, not in use.</param>
    /// <param name="count">Tokens a step.</param>
    /// <param name="cancellation">Stops within the pass.</param>
    public static Trace Add(
        Trace trace, ConceptModel model, ConceptSession session, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(model);
        TraceVectors.CheckModel(trace, model.Info);
        return trace with { Steps = Add(trace.Steps, model, session, count, cancellation) };
    }

    /// <summary>Lists the nearest tokens of some steps; one pass over the table for all of them.</summary>
    /// <param name="steps">Steps of a run of that model.</param>
    /// <param name="model">The model.</param>
    /// <param name="session">A session of that model, not in use or between two events of its run.</param>
    /// <param name="count">Tokens a step.</param>
    /// <param name="cancellation">Stops within the pass.</param>
    public static IReadOnlyList<TraceStep> Add(
        IReadOnlyList<TraceStep> steps,
        ConceptModel model,
        ConceptSession session,
        int count,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Add(steps, model, () => session.Embeddings, count, cancellation);
    }

    /// <summary>Lists the nearest tokens of some steps, beside whatever the model does meanwhile. Any thread.</summary>
    /// <param name="steps">Steps of a run of that model.</param>
    /// <param name="model">The model.</param>
    /// <param name="count">Tokens a step.</param>
    /// <param name="cancellation">Stops within the pass.</param>
    /// <exception cref="ConceptInputException">The steps are of another model, or it cannot think in vectors.</exception>
    public static IReadOnlyList<TraceStep> Add(
        IReadOnlyList<TraceStep> steps, ConceptModel model, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Add(steps, model, model.CreateEmbeddings, count, cancellation);
    }

    private static IReadOnlyList<TraceStep> Add(
        IReadOnlyList<TraceStep> steps,
        ConceptModel model,
        Func<InputEmbeddings> embeddings,
        int count,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(model);
        if (steps.Count == 0)
        {
            return steps;
        }

        float[] vectors = TraceVectors.Rebuild(steps, model.Info, embeddings());
        NearToken[][] nearest = NearestTokens.Find(
            model.Embeddings, vectors, steps.Count, count, cancellation: cancellation);
        return [.. steps.Zip(nearest, (step, tokens) => step with { Nearest = Describe(tokens, model.Tokenizer) })];
    }

    /// <summary>Tokens near a vector, with their texts.</summary>
    public static IReadOnlyList<TraceNearest> Describe(IEnumerable<NearToken> tokens, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return [.. tokens.Select(token => new TraceNearest(token.Id, tokenizer.Text(token.Id), token.Cosine))];
    }
}
