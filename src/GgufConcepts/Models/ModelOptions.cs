using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>How to load a model.</summary>
public sealed record ModelOptions
{
    /// <summary>Most positions where <see cref="ContextLength"/> says nothing.</summary>
    internal const int UsualContext = 4096;

    /// <summary>Positions a sequence can hold.</summary>
    /// <value>16 to what the model was trained on; null, the default, means that, but at most 4,096.</value>
    public int? ContextLength { get; init; }

    /// <summary>Layers to put on graphics cards, the output counted as one.</summary>
    /// <value>0 for none, <see cref="AllLayers"/> for all; null, the default, means as many as fit into their free memory,
    /// see <see cref="GpuPlan"/>.</value>
    public int? GpuLayers { get; init; }

    /// <summary>Which graphics cards, by the names that <c>doctor</c> lists, such as <c>CUDA0</c>.</summary>
    /// <value>Empty, the default, means all; those that share the processor's memory only where there are no others.</value>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>How several graphics cards share the model.</summary>
    public LlamaSplitMode SplitMode { get; init; } = LlamaSplitMode.Layer;

    /// <summary>For <see cref="GpuLayers"/>: every layer, whether it fits or not.</summary>
    public const int AllLayers = int.MaxValue;

    /// <summary>What loads the weights and computes with them.</summary>
    /// <value>Null, the default, means the llama.cpp that comes with the runtime.</value>
    public IModelBackend? Backend { get; init; }

    /// <summary>Threads that compute.</summary>
    /// <value>1 to 512; null, the default, means one a physical core, fewer for a small model.</value>
    public int? Threads { get; init; }

    /// <summary>Whether to think in vectors even where the parity probe says that rows are not what tokens
    /// are.</summary>
    public bool AllowApproximate { get; init; }

    /// <summary>Whether every weight is looked at while the model is loaded, and a file in which one is NaN or infinite is
    /// refused. Without it that shows where the weight is first used: as the file is loaded, where one token uses it; later
    /// as a <see cref="Mixing.NonFiniteLogitsException"/> of a thought.</summary>
    /// <value>Null, the default, means no; a host that serves requests means yes. Reads the weights once more: 0.1 s a
    /// gigabyte on two cores, where loading takes half a second.</value>
    public bool? CheckTensors { get; init; }

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (ContextLength is < 16)
        {
            problems.Add($"The context is {ContextLength}; use at least 16, or leave it out for the model's own.");
        }

        if (GpuLayers is < 0)
        {
            problems.Add($"GPU layers are {GpuLayers}; use 0 or more, or leave it out for all of them.");
        }

        if (Threads is < 1 or > 512)
        {
            problems.Add($"Threads are {Threads}; use 1 to 512, or leave it out for one a physical core.");
        }

        if (Devices is null || Devices.Any(string.IsNullOrEmpty))
        {
            problems.Add("A device has no name; use the names that doctor lists, or none for all.");
        }

        if (!Enum.IsDefined(SplitMode))
        {
            problems.Add($"The split mode is {(int)SplitMode}; use one of {string.Join(", ", Enum.GetNames<LlamaSplitMode>())}.");
        }

        return problems;
    }
}
