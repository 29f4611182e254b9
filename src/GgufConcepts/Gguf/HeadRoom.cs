namespace GgufConcepts.Gguf;

/// <summary>How much the heads of a model's files may hold, all its parts together.</summary>
/// <remarks>The limits are ours, several times what models have, and so that llama.cpp too reads such a head within seconds
/// and 512 MiB: it compares each name with all before it, reads lists element by element, and makes an object of each
/// text.</remarks>
internal sealed class HeadRoom
{
    public const int MaxTensors = 16 << 10;
    public const int MaxSettings = 16 << 10;
    public const long MaxElements = 3 << 20; // of lists
    public const long MaxBytes = 64 << 20;

    private long _tensors;
    private long _settings;
    private long _elements;
    private long _bytes;

    /// <summary>Takes room for tensors that a file claims.</summary>
    /// <returns>What is wrong; null where there is room.</returns>
    public string? TakeTensors(ulong count) => Take(ref _tensors, count, MaxTensors, "the file claims", "tensors");

    /// <summary>The same for settings.</summary>
    public string? TakeSettings(ulong count) => Take(ref _settings, count, MaxSettings, "the file claims", "settings");

    /// <summary>The same for the elements of a list.</summary>
    public string? TakeElements(string list, ulong count) => Take(ref _elements, count, MaxElements, $"{list} claims", "elements");

    /// <summary>The same for bytes, as they are read.</summary>
    public string? TakeBytes(long count) => (_bytes += count) <= MaxBytes
        ? null
        : $"the settings and names take more than {MaxBytes} bytes, which no model needs";

    private static string? Take(ref long taken, ulong count, long most, string claim, string what)
    {
        if (count <= (ulong)(most - taken))
        {
            taken += (long)count;
            return null;
        }

        string before = taken > 0 ? $" after {taken} before it" : "";
        return $"{claim} {count} {what}{before}; the most is {most}";
    }
}
