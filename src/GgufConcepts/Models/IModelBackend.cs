using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>What loads weights and computes with them.</summary>
public interface IModelBackend
{
    /// <summary>Loads the weights of a file that was checked.</summary>
    /// <param name="file">The file, open for as long as the weights are.</param>
    /// <param name="options">Context, graphics card, threads; already checked. A backend that cannot look for numbers that
    /// are none refuses <see cref="ModelOptions.CheckTensors"/>.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="ConceptInputException">The backend does not accept the file, or an option; says why.</exception>
    IModelWeights Load(
        GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation);
}

/// <summary>Weights and vocabulary as a backend has loaded them. Never changes; any thread.</summary>
/// <remarks>Decoders keep what they need alive: disposing the weights first is safe.</remarks>
public interface IModelWeights : IDisposable
{
    /// <summary>The tokens.</summary>
    IVocabulary Vocabulary { get; }

    /// <summary>Floats in one row of <c>token_embd.weight</c> (<c>n_embd</c>).</summary>
    int EmbeddingWidth { get; }

    /// <summary>Transformer blocks.</summary>
    int LayerCount { get; }

    /// <summary>Positions the model was trained on.</summary>
    int TrainedContext { get; }

    /// <summary>Whether it generates text by itself: a decoder, and no encoder before it.</summary>
    bool IsDecoderOnly { get; }

    /// <summary>Numbers in all tensors.</summary>
    long ParameterCount { get; }

    /// <summary>Bytes of all tensors.</summary>
    long SizeBytes { get; }

    /// <summary>Type, size and quantisation in one line.</summary>
    string Description { get; }

    /// <summary>What lies on graphics cards, and why; null where that is not known, or nothing does.</summary>
    GpuPlan? Gpu { get; }

    /// <summary>The names of the chat templates that the backend knows.</summary>
    IReadOnlyList<string> ChatTemplates { get; }

    /// <summary>Writes messages out as a chat template has them, up to where an answer begins.</summary>
    /// <param name="template">Its name, or its text as a model carries it.</param>
    /// <param name="messages">Role and content of each; no NUL within.</param>
    /// <returns>The text; null where the backend does not know the template.</returns>
    string? ApplyChatTemplate(string template, IReadOnlyList<(string Role, string Content)> messages);

    /// <summary>Makes sequences over the weights.</summary>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    /// <exception cref="NativeCallException">There is no memory for them.</exception>
    /// <exception cref="ConceptInputException">The backend cannot do what is asked.</exception>
    IDecoder CreateDecoder(DecoderOptions options);
}
