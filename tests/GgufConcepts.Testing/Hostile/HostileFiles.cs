namespace GgufConcepts.Testing.Hostile;

/// <summary>The table of files that lie: those that llama.cpp's own tests are made of, and our own, each made from a
/// valid tiny model or byte by byte.</summary>
/// <remarks>What is expected is written by hand from the rules, not taken from a run.</remarks>
public static partial class HostileFiles
{
    private const ulong Most = ulong.MaxValue;

    private static readonly Lazy<IReadOnlyList<HostileFile>> s_all = new(() =>
    [
        .. LlamaCpp(), .. Layout(), .. Cuts(), .. MissingSettings(), .. MistypedSettings(), .. Texts(), .. Sizes(), .. Experts(),
        .. Heads(), .. Positions(), .. LayerKinds(), .. Vocabularies(), .. TokenLists(), .. Storage(), .. Shapes(), .. Numbers(), .. Parts(),
    ]);

    /// <summary>All of them; no two have one name.</summary>
    public static IReadOnlyList<HostileFile> All => s_all.Value;

    /// <summary>The file of a name.</summary>
    public static HostileFile Find(string name) => All.Single(file => file.Name == name);
}
