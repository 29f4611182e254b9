using System.Diagnostics;

namespace GgufConcepts.Native;

/// <summary>A process in which somebody else has loaded llama.cpp.</summary>
/// <remarks>Two builds share the names of their files (libggml-base), and a loader gives the second what the first brought:
/// structs of one would reach the code of the other.</remarks>
public static unsafe partial class LlamaLibrary
{
    private static string? s_owner;

    /// <summary>The other's <c>ggml_get_type_traits</c>; null where there is no other.</summary>
    internal static delegate* unmanaged[Cdecl]<GgmlType, GgmlTypeTraits*> OtherTypeTraits { get; private set; }

    /// <summary>Leaves this process to another llama.cpp: the one that comes with the runtime is never loaded, and stored
    /// rows are read by the other's ggml.</summary>
    /// <param name="owner">Who has loaded it, for messages.</param>
    /// <param name="load">Loads it, not before ours was seen to be absent; gives the address of its
    /// <c>ggml_get_type_traits</c>.</param>
    /// <exception cref="LlamaLibraryException">Ours is loaded already, or the other's types are laid out in another
    /// way.</exception>
    internal static void StandAside(string owner, Func<nint> load)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentNullException.ThrowIfNull(load);
        lock (s_gate)
        {
            if (s_info is not null)
            {
                throw new LlamaLibraryException(
                    "The llama.cpp that comes with the runtime is in use in this process, and " +
                    $"{owner} would load a second one; use {owner} from the start, or another process.");
            }

            var traits = (delegate* unmanaged[Cdecl]<GgmlType, GgmlTypeTraits*>)load();
            foreach (GgmlType type in (GgmlType[])[GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_K, GgmlType.Q6_K])
            {
                (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
                GgmlTypeTraits* found = traits(type);
                if (found->blck_size != blockLength || found->type_size != (nuint)blockBytes || found->to_float == null)
                {
                    throw new LlamaLibraryException(
                        $"The llama.cpp of {owner} describes {type} as {found->blck_size} numbers in {found->type_size} bytes; " +
                        $"this program knows {blockLength} in {blockBytes}. Use a version it was written for.");
                }
            }

            OtherTypeTraits = traits;
            s_owner = owner;
        }
    }

    /// <summary>A ggml that somebody has loaded before us; null where there is none, or none can be told.</summary>
    private static string? FindForeign(string own)
    {
        try
        {
            IEnumerable<string> loaded = OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/self/maps").Where(line => line.Contains('/')).Select(line => line[line.IndexOf('/')..])
                : Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.FileName);
            return loaded.FirstOrDefault(
                path => Path.GetFileName(path).Contains("ggml-base", StringComparison.Ordinal) && path != own);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
