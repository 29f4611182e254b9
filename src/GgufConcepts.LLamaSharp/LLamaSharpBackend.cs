using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using LLama.Common;
using LLama.Exceptions;
using LLama.Extensions;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>Loads models through LLamaSharp, for <see cref="ModelOptions.Backend"/>.</summary>
/// <remarks>
/// A process that has made one computes with LLamaSharp's llama.cpp alone. LLamaSharp runs one decode at a time in a whole
/// process, and pins arrays for each: a step costs more than with the llama.cpp that comes with the runtime.
/// <see cref="ModelOptions.GpuLayers"/> left out means all layers here, whether they fit or not.
/// </remarks>
public sealed class LLamaSharpBackend : IModelBackend
{
    /// <summary>Loads LLamaSharp's native library where that has not been done.</summary>
    /// <param name="takeLog">Whether <see cref="NativeLog"/> gets llama.cpp's log; false for a program that has given
    /// LLamaSharp a callback of its own.</param>
    /// <exception cref="LlamaLibraryException">LLamaSharp finds no native library, or the runtime's own llama.cpp is in use
    /// in this process.</exception>
    public LLamaSharpBackend(bool takeLog = true) => LLamaSharpLibrary.EnsureLoaded(takeLog);

    /// <inheritdoc/>
    /// <remarks>By LLamaSharp's handle, not by its <c>LLamaWeights</c>: those read all metadata, and fail on an empty
    /// text (0.30.0, SafeLlamaModelHandle.ReadMetadata).</remarks>
    public IModelWeights Load(
        GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        if (options.Devices.Count > 0)
        {
            throw new ConceptInputException(
                $"LLamaSharp takes no list of devices ({string.Join(",", options.Devices)}); " +
                "leave it out, and hide those you do not want (CUDA_VISIBLE_DEVICES, GGML_VK_VISIBLE_DEVICES).");
        }

        cancellation.ThrowIfCancellationRequested();
        GgufModelCheck.Run(file); // which others than ConceptModel may not have done
        StrongBox<string?> said = LLamaSharpLibrary.WatchForProblem();
        ModelParams parameters = new(file.Paths[0])
        {
            GpuLayerCount = options.GpuLayers ?? ModelOptions.AllLayers, // those without a card have no use for them
            SplitMode = (GPUSplitMode)options.SplitMode, // the same numbers: enum llama_split_mode
        };
        using IDisposable pinned = parameters.ToLlamaModelParams(out LLamaModelParams native);
        ExceptionDispatchInfo? thrown = null; // nothing may unwind through C++
        LlamaProgressCallback report = (fraction, _) =>
        {
            try
            {
                progress?.Report(fraction);
                return !cancellation.IsCancellationRequested;
            }
            catch (Exception problem)
            {
                thrown = ExceptionDispatchInfo.Capture(problem);
                return false;
            }
        };
        native.progress_callback = report;
        native.check_tensors = options.CheckTensors ?? false; // ModelParams has it and cannot be told
        try
        {
            SafeLlamaModelHandle model = SafeLlamaModelHandle.LoadFromFile(file.Paths[0], native);
            return LLamaSharpWeights.Over(model, file, owned: true);
        }
        catch (RuntimeError problem)
        {
            cancellation.ThrowIfCancellationRequested();
            thrown?.Throw();
            throw new ConceptInputException(
                $"{file.Paths[0]}: LLamaSharp's llama.cpp does not accept this model: " +
                $"{said.Value ?? problem.Message} Use another file of it, or another backend.", problem);
        }
        finally
        {
            GC.KeepAlive(report); // native code calls it until the load is done
        }
    }
}
