using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Promises;

/// <summary>The repository's own text.</summary>
internal static class Sources
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Path.GetDirectoryName(CommittedModels.Folder)!;

    /// <summary>The C# files below one of its folders.</summary>
    public static IEnumerable<string> Below(string folder) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("node_modules", StringComparison.Ordinal));
}
