using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace GgufConcepts.Native;

/// <summary>A module for graphics cards that lies beside llama.cpp and is of no use here.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Problem">Why, as the system says it.</param>
/// <param name="Remedy">What to install.</param>
public sealed record UselessGpuModule(string Path, string Problem, string Remedy);

/// <summary>Finds out why a module for graphics cards was not loaded: llama.cpp passes over it without a word.</summary>
public static partial class GpuModules
{
    private static readonly (string Library, string Remedy)[] s_remedies =
    [
        ("vulkan", "install Vulkan's loader (Debian: libvulkan1; Windows: with the driver) and the card's driver"),
        ("cudart", "install the runtime of CUDA, 13 for the module cuda, 12 for cuda12"),
        ("cublas", "install cuBLAS of CUDA, 13 for the module cuda, 12 for cuda12"),
        ("cuda", "install NVIDIA's driver"),
    ];

    /// <summary>The modules that could not be loaded, or found no card.</summary>
    /// <exception cref="LlamaLibraryException">The library cannot be loaded.</exception>
    public static IReadOnlyList<UselessGpuModule> FindUseless()
    {
        string folder = LlamaLibrary.EnsureLoaded().Directory;
        string[] names = [.. LlamaLibrary.Devices().Select(device => device.Name)];
        return [.. Directory.EnumerateFiles(folder)
            .Select(path => (Path: path, Kind: ModuleName().Match(Path.GetFileName(path)).Groups["kind"].Value))
            .Where(module => module.Kind.Length > 0 && !names.Any(name => name.StartsWith(module.Kind, StringComparison.OrdinalIgnoreCase)))
            .Select(module => Explain(module.Path))];
    }

    /// <summary>What to do about a library that is missing, named in a message of the system's.</summary>
    internal static string RemedyFor(string problem) =>
        s_remedies.FirstOrDefault(known => problem.Contains(known.Library, StringComparison.OrdinalIgnoreCase)).Remedy
            ?? "install the card's driver";

    private static UselessGpuModule Explain(string path)
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return new UselessGpuModule(path, "it finds no graphics card", "install the card's driver, if there is a card");
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            string told = problem.Message.Split('\n').FirstOrDefault(line => line.Contains("cannot open", StringComparison.Ordinal))?.Trim()
                ?? problem.Message.ReplaceLineEndings(" ");
            return new UselessGpuModule(path, told, RemedyFor(told.Replace(path, "", StringComparison.Ordinal)));
        }
    }

    [GeneratedRegex(@"^(lib)?ggml-(?<kind>vulkan|cuda)\.(so|dll|dylib)$")]
    private static partial Regex ModuleName();
}
