namespace GgufConcepts.Testing.Hostile;

/// <summary>A model's file with something wrong in it.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Refusal">Words of the message that refuses it before llama.cpp sees it; null where it is let through:
/// then llama.cpp computes finite numbers with it or refuses it itself.</param>
/// <param name="Make">Writes it to a path, or beside it; returns the path to open.</param>
public sealed record HostileFile(string Name, string? Refusal, Func<string, string> Make)
{
    /// <summary>A file that is bytes.</summary>
    public static HostileFile Of(string name, string? refusal, RawGguf bytes) => new(name, refusal, path =>
    {
        File.WriteAllBytes(path, bytes.ToArray());
        return path;
    });

    /// <summary>A tiny model of other settings.</summary>
    public static HostileFile Of(
        string name, string? refusal, TinyArchitecture architecture, params (string Key, object? Value)[] settings) =>
        new(name, refusal, path => TinyModels.Write(path, architecture, new TinyOptions
        {
            Settings = settings.ToDictionary(setting => setting.Key, setting => setting.Value),
        }));

    public override string ToString() => Name;
}
