using GgufConcepts.Gguf;
using GgufConcepts.Models;
using LLama;

namespace GgufConcepts.LLamaSharp;

/// <summary>For programs that hold LLamaSharp weights already.</summary>
public static class LLamaWeightsExtensions
{
    /// <summary>Makes a model that thinks in vectors out of loaded weights. They stay yours: dispose them after the model and
    /// its sessions.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="path">The GGUF file they were loaded from: embedding rows are read there.</param>
    /// <param name="options">Context and threads; where the layers are was settled when the weights were loaded.</param>
    /// <exception cref="ConceptInputException">The file is missing or damaged, holds another model than the weights, or is of
    /// a kind that LLamaSharp cannot feed vectors to.</exception>
    /// <exception cref="Native.LlamaLibraryException">The runtime's own llama.cpp is in use in this process.</exception>
    public static ConceptModel AsConceptModel(this LLamaWeights weights, string path, ModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(path);
        LLamaSharpLibrary.EnsureLoaded(takeLog: false); // whoever loaded the weights has its log
        return ConceptModel.Load(path, (options ?? new ModelOptions()) with { Backend = new Held(weights) });
    }

    private sealed class Held(LLamaWeights weights) : IModelBackend
    {
        public IModelWeights Load(
            GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation) =>
            LLamaSharpWeights.Over(weights.NativeHandle, file, owned: false);
    }
}
