using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace GgufConcepts.Native;

/// <summary>Where the three libraries are: libllama, libggml, libggml-base, all of one folder.</summary>
internal sealed partial record LlamaFiles(string Directory, string Llama, string Ggml, string GgmlBase)
{
    /// <summary>Names a folder of one's own; set, it is the only one looked at.</summary>
    public const string FolderVariable = "GGUFCONCEPTS_LLAMA_DIR";

    public static LlamaFiles Find()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
        {
            return In(chosen) ?? throw new LlamaLibraryException(
                $"{FolderVariable} is {chosen}, which holds no libllama, libggml and libggml-base; " +
                "name the folder of a llama.cpp release, or unset it.");
        }

        return Beside(AppContext.BaseDirectory);
    }

    /// <summary>Those that lie with a program: in a folder of the platform's, or, as in a program published for one
    /// platform, beside it.</summary>
    public static LlamaFiles Beside(string program)
    {
        string[] folders = [Path.Combine(program, "runtimes", Rid, "native"), program];
        return folders.Select(In).FirstOrDefault(found => found is not null) ?? throw new LlamaLibraryException(
            $"No llama.cpp for {Rid} in {string.Join(" or ", folders)}. Reference the package GgufConcepts.Runtime.{Rid}, " +
            $"in a clone run build.sh (needs npm), or set {FolderVariable} to the folder of a llama.cpp release.");
    }

    public static LlamaFiles? In(string folder)
    {
        if (!System.IO.Directory.Exists(folder))
        {
            return null;
        }

        string[] names = [.. System.IO.Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!)];
        return First(names, "llama") is { } llama && First(names, "ggml") is { } ggml && First(names, "ggml-base") is { } ggmlBase
            ? new LlamaFiles(
                folder, Path.Combine(folder, llama), Path.Combine(folder, ggml), Path.Combine(folder, ggmlBase))
            : null;
    }

    /// <summary>The shortest name of a stem: <c>libllama.so</c> before <c>libllama.v0.4.0.so</c>.</summary>
    private static string? First(string[] names, string stem) =>
        names.Where(name => LibraryName().Match(name) is { Success: true } match && match.Groups["stem"].Value == stem)
            .OrderBy(name => name.Length)
            .ThenBy(name => name, StringComparer.Ordinal)
            .FirstOrDefault();

    // libllama.so, libllama.so.0, libllama.v0.4.0.so, libllama.b8390.so, libllama.metal.v0.4.0.dylib, libllama.0.dylib,
    // llama.v0.4.0.dll
    [GeneratedRegex(@"^(lib)?(?<stem>llama|ggml|ggml-base)(\.[a-z]+)?(\.[vb]?\d+(\.\d+)*)?\.(so(\.\d+)*|dylib|dll)$")]
    private static partial Regex LibraryName();

    private static string Rid
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
#pragma warning disable CA1308 // runtime identifiers are lower case
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308
        }
    }
}
