namespace GgufConcepts.Testing;

/// <summary>Models other people trained, which never travel with the repository; tests skip where they are
/// absent.</summary>
public static class RealModels
{
    /// <summary>A 260,000-parameter TinyStories model: llama architecture, F32, 512 tokens, context 512.</summary>
    public static string? Stories { get; } = Find("stories260K.gguf");

    /// <summary>Qwen2's vocabulary, 151,936 tokens, without weights.</summary>
    public static string? Qwen2Vocabulary { get; } = Find("ggml-vocab-qwen2.gguf");

    /// <summary>Why a test that needs one of these skips.</summary>
    public const string Absent =
        "The real model is not here: set GGUFCONCEPTS_TEST_MODELS to a folder with stories260K.gguf and the vocabularies.";

    private static string? Find(string name)
    {
        IEnumerable<string> folders = Environment.GetEnvironmentVariable("GGUFCONCEPTS_TEST_MODELS") is { Length: > 0 } set
            ? [set]
            : FoldersAbove(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, "shared", "models"));
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> FoldersAbove(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            yield return at.FullName;
        }
    }
}
