namespace GgufConcepts.Stores;

/// <summary>The stores of this machine, each where its owner keeps it.</summary>
public static class ModelStores
{
    /// <summary>Those that the environment and the user's home folder tell of.</summary>
    public static IReadOnlyList<IModelStore> OfThisMachine() => From(
        Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>The cache that the hub's library uses; what is pulled goes there.</summary>
    /// <param name="variable">The value of an environment variable, null or empty where it is not set.</param>
    /// <param name="home">The user's home folder.</param>
    public static HuggingFaceCache HuggingFace(Func<string, string?> variable, string home)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(home);
        return new("Hugging Face", Hub(variable, home));
    }

    /// <summary>All stores, in the order they are asked.</summary>
    /// <param name="variable">The value of an environment variable, null or empty where it is not set.</param>
    /// <param name="home">The user's home folder.</param>
    /// <remarks>Hugging Face: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME. llama.cpp: LLAMA_CACHE, in the
    /// hub's layout, and its old flat folder. Ollama: OLLAMA_MODELS, or the user's and the service's folders. LM Studio:
    /// its home, and the one it had before.</remarks>
    public static IReadOnlyList<IModelStore> From(Func<string, string?> variable, string home)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(home);
        List<IModelStore> stores = [HuggingFace(variable, home)];
        string? llama = Set(variable("LLAMA_CACHE"));
        if (llama is not null)
        {
            stores.Add(new HuggingFaceCache("llama.cpp", llama));
        }

        stores.Add(new FlatLlamaCache(llama ?? FlatFolder(variable, home)));
        stores.AddRange((Set(variable("OLLAMA_MODELS")) is { } models
            ? new[] { models }
            : [Path.Combine(home, ".ollama", "models"), "/usr/share/ollama/.ollama/models"]).Select(folder => new OllamaStore(folder)));
        stores.AddRange(new[] { Path.Combine(home, ".lmstudio", "models"), Path.Combine(home, ".cache", "lm-studio", "models") }
            .Select(folder => new LmStudioStore(folder)));
        return stores;
    }

    private static string Hub(Func<string, string?> variable, string home) =>
        Set(variable("HF_HUB_CACHE")) ?? Set(variable("HUGGINGFACE_HUB_CACHE")) ?? Path.Combine(HubHome(variable, home), "hub");

    /// <summary>Where the hub's library keeps what it keeps.</summary>
    internal static string HubHome(Func<string, string?> variable, string home) =>
        Set(variable("HF_HOME")) ?? Path.Combine(Set(variable("XDG_CACHE_HOME")) ?? Path.Combine(home, ".cache"), "huggingface");

    private static string FlatFolder(Func<string, string?> variable, string home) =>
        OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches", "llama.cpp")
        : OperatingSystem.IsWindows() ? Path.Combine(Set(variable("LOCALAPPDATA")) ?? home, "llama.cpp")
        : Path.Combine(Set(variable("XDG_CACHE_HOME")) ?? Path.Combine(home, ".cache"), "llama.cpp");

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
