using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using GgufConcepts.Mixing;
using GgufConcepts.Models;

namespace GgufConcepts.Tracing;

/// <summary>Makes the vectors of a saved trace again: from its tokens and weights, or as they were saved.</summary>
public static class TraceVectors
{
    /// <summary>The vectors that the steps fed, shape [steps, width].</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="model">The model it came from, or one of the same vocabulary and width.</param>
    /// <param name="embeddings">Makes rows and mixtures of that model.</param>
    /// <exception cref="ConceptInputException">The trace is of another model, or a step cannot be made
    /// again.</exception>
    public static float[] Rebuild(Trace trace, ModelInfo model, InputEmbeddings embeddings)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(embeddings);
        CheckModel(trace, model);
        return Rebuild(trace.Steps, model, embeddings);
    }

    /// <summary>Refuses a trace of another model.</summary>
    internal static void CheckModel(Trace trace, ModelInfo model)
    {
        if (trace.Model.VocabularySize != model.VocabularySize || trace.Model.EmbeddingLength != model.EmbeddingLength)
        {
            throw new ConceptInputException(
                $"The trace is of {trace.Model.Name} ({trace.Model.VocabularySize} tokens, {trace.Model.EmbeddingLength} " +
                $"wide); {model.Name} has {model.VocabularySize} tokens, {model.EmbeddingLength} wide. Use the model it came from.");
        }
    }

    /// <summary>The vectors that some steps of this model fed, shape [steps, width].</summary>
    internal static float[] Rebuild(IReadOnlyList<TraceStep> steps, ModelInfo model, InputEmbeddings embeddings)
    {
        float[] vectors = new float[steps.Count * embeddings.Width];
        for (int i = 0; i < steps.Count; i++)
        {
            Span<float> vector = vectors.AsSpan(i * embeddings.Width, embeddings.Width);
            Rebuild(steps[i], model, embeddings, vector);
            if (!TensorPrimitives.IsFiniteAll<float>(vector))
            {
                throw new ConceptInputException(
                    $"Step {steps[i].Index} of the trace makes a vector that holds NaN or infinity; the file is damaged.") { Field = "steps" };
            }
        }

        return vectors;
    }

    private static void Rebuild(TraceStep step, ModelInfo model, InputEmbeddings embeddings, Span<float> vector)
    {
        if (step.Kind == "hidden" || step.Vector is not null)
        {
            ReadOnlySpan<float> saved = MemoryMarshal.Cast<byte, float>(step.Vector);
            if (step.Vector?.Length != vector.Length * sizeof(float))
            {
                throw new ConceptInputException(
                    $"Step {step.Index} of the trace fed a vector of its own, but saved {step.Vector?.Length ?? 0} bytes of it, not " +
                    $"{vector.Length * sizeof(float)}.")
                {
                    Field = "steps",
                };
            }

            saved.CopyTo(vector);
            return;
        }

        bool alone = step is { Kind: "token", Chosen: not null };
        int[] ids = alone ? [step.Chosen!.Id] : [.. step.Tokens.Select(token => token.Id)];
        float[] weights = alone ? [1f] : [.. step.Tokens.Select(token => token.Probability)];
        if (ids.Length is 0 or > ConceptToken.Capacity || ids.Any(id => id < 0 || id >= model.VocabularySize))
        {
            throw new ConceptInputException(
                $"Step {step.Index} of the trace has {ids.Length} tokens, or one that {model.Name} does not know.") { Field = "steps" };
        }

        embeddings.Mix(ids, weights, vector);
    }
}
