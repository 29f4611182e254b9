using System.Diagnostics.CodeAnalysis;

namespace GgufConcepts.Gguf.Rules;

/// <summary>A model whose rules are being checked, and its settings as llama.cpp sees them.</summary>
/// <remarks>A setting of another type than llama.cpp reads counts as absent here: <see cref="SettingTypeRule"/> says
/// so.</remarks>
internal sealed class CheckedModel
{
    public CheckedModel(GgufModelFile file, string architecture)
    {
        File = file;
        Architecture = architecture;
        Layers = (int)Math.Clamp(Number("block_count") ?? 0, 0, SizeRules.MaxLayers);
    }

    public GgufModelFile File { get; }

    /// <summary>The name before the model's own settings: <c>qwen2</c>.</summary>
    public string Architecture { get; }

    /// <summary>Blocks, or 0 where the file does not say.</summary>
    public int Layers { get; }

    public GgufMetadata Settings => File.Metadata;

    /// <summary>The setting of this architecture under a name without it: <c>rope.freq_base</c>.</summary>
    public GgufEntry? Own(string name) => Find($"{Architecture}.{name}");

    /// <summary>The setting under a key, if it is of the right type.</summary>
    public GgufEntry? Find(string key) =>
        Settings.Find(key) is { } entry && SettingTypes.Fits(entry, Architecture) ? entry : null;

    /// <summary>A whole number of this architecture; null where there is none, or one for each layer.</summary>
    public long? Number(string name) =>
        Own(name) is { } entry && GgufNumber.IsInteger(entry.Type) ? entry.AsInteger<long>() : null;

    /// <summary>A number with a fraction of this architecture.</summary>
    public double? Fraction(string name) =>
        Own(name) is { } entry && GgufNumber.IsFloat(entry.Type) ? entry.AsFloat() : null;

    /// <summary>A text under a whole key.</summary>
    public string? Text(string key) => Find(key) is { Type: GgufValueType.String } entry ? entry.AsString() : null;

    /// <summary>A number that a file states once or for each layer: one for each layer.</summary>
    /// <param name="name">The name without the architecture.</param>
    /// <param name="values">Receives them, shape [<see cref="Layers"/>].</param>
    /// <returns>Whether there are as many, and any; llama.cpp itself refuses lists of another length.</returns>
    public bool TryPerLayer(string name, [NotNullWhen(true)] out long[]? values)
    {
        GgufEntry? entry = Own(name);
        values = entry switch
        {
            null => null,
            { Type: GgufValueType.Array, Count: <= SizeRules.MaxLayers } when GgufNumber.IsInteger(entry.ElementType) =>
                entry.AsArray().ToIntegers<long>(),
            { Type: GgufValueType.Array } => null,
            _ => [.. Enumerable.Repeat(entry.AsInteger<long>(), Layers)],
        };
        return Layers > 0 && values?.Length == Layers;
    }

    /// <summary>Checks that a number, where there is one, is in a range.</summary>
    /// <returns>The number, if it is there and in the range.</returns>
    public long? InRange(Findings findings, string name, long least, long most)
    {
        long? value = Number(name);
        if (value is null || (value >= least && value <= most))
        {
            return value;
        }

        findings.Add(Own(name)!.Problem($"is {value}; it must be from {least} to {most}"));
        return null;
    }
}
