using GgufConcepts.Models;
using GgufConcepts.Native;

namespace GgufConcepts.Hosting.Running;

/// <summary>What a model needs to be run, here or in a process of its own.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Parallel">Thoughts that run at once.</param>
/// <param name="Rows">Positions that all of them can hold together; null for what suits the model.</param>
/// <param name="ContextLength">As <see cref="ModelOptions.ContextLength"/>.</param>
/// <param name="GpuLayers">As <see cref="ModelOptions.GpuLayers"/>.</param>
/// <param name="Devices">As <see cref="ModelOptions.Devices"/>.</param>
/// <param name="SplitMode">As <see cref="ModelOptions.SplitMode"/>.</param>
/// <param name="Threads">As <see cref="ModelOptions.Threads"/>.</param>
/// <param name="AllowApproximate">As <see cref="ModelOptions.AllowApproximate"/>.</param>
/// <param name="CheckTensors">As <see cref="ModelOptions.CheckTensors"/>.</param>
internal sealed record RunnerSettings(
    string Path,
    int Parallel,
    int? Rows,
    int? ContextLength,
    int? GpuLayers,
    IReadOnlyList<string> Devices,
    LlamaSplitMode SplitMode,
    int? Threads,
    bool AllowApproximate,
    bool? CheckTensors)
{
    /// <summary>The settings of a host's model.</summary>
    /// <param name="path">The file that it was found in.</param>
    /// <param name="parallel">Thoughts that run at once.</param>
    /// <param name="rows">Positions that all of them can hold together.</param>
    /// <param name="options">How it is loaded.</param>
    public static RunnerSettings Of(string path, int parallel, int? rows, ModelOptions options) => new(
        path,
        parallel,
        rows,
        options.ContextLength,
        options.GpuLayers,
        options.Devices,
        options.SplitMode,
        options.Threads,
        options.AllowApproximate,
        options.CheckTensors);

    /// <summary>How the model is loaded.</summary>
    public ModelOptions ToOptions() => new()
    {
        ContextLength = ContextLength,
        GpuLayers = GpuLayers,
        Devices = Devices,
        SplitMode = SplitMode,
        Threads = Threads,
        AllowApproximate = AllowApproximate,
        CheckTensors = CheckTensors,
    };
}
