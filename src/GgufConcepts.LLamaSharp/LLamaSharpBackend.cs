using System.Runtime.CompilerServices;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>Loads models through LLamaSharp, for <see cref="ModelOptions.Backend"/>.</summary>
/// <remarks>
/// A process that has made one computes with LLamaSharp's llama.cpp alone. LLamaSharp runs one decode at a time in a whole
/// process, and pins arrays for each: a step costs more than with the llama.cpp that comes with the runtime.
/// </remarks>
public sealed class LLamaSharpBackend : IModelBackend
{
    /// <summary>Loads LLamaSharp's native library where that has not been done.</summary>
    /// <exception cref="LlamaLibraryException">LLamaSharp finds no native library, or the runtime's own llama.cpp is in use
    /// in this process.</exception>
    public LLamaSharpBackend() => LLamaSharpLibrary.EnsureLoaded();

    /// <inheritdoc/>
    public IModelWeights Load(
        GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Devices.Count > 0)
        {
            throw new ConceptInputException(
                $"LLamaSharp takes no list of devices ({string.Join(",", options.Devices)}); " +
                "leave it out, and hide those you do not want (CUDA_VISIBLE_DEVICES, GGML_VK_VISIBLE_DEVICES).");
        }

        StrongBox<string?> said = LLamaSharpLibrary.WatchForProblem();
        ModelParams parameters = new(file.Paths[0])
        {
            GpuLayerCount = options.GpuLayers ?? ModelOptions.AllLayers, // those without a card have no use for them
            SplitMode = (GPUSplitMode)options.SplitMode, // the same numbers: enum llama_split_mode
        };
        try
        {
            LLamaWeights weights = LLamaWeights.LoadFromFileAsync(parameters, cancellation, progress).GetAwaiter().GetResult();
            return LLamaSharpWeights.Over(weights, file, owned: true);
        }
        catch (RuntimeError problem)
        {
            throw new ConceptInputException(
                $"{file.Paths[0]}: LLamaSharp's llama.cpp does not accept this model: " +
                $"{said.Value ?? problem.Message} Use another file of it, or another backend.", problem);
        }
    }
}
