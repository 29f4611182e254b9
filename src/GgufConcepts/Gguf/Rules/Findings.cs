namespace GgufConcepts.Gguf.Rules;

/// <summary>What the rules report to: it throws the first finding, as loading wants it, or keeps all of them.</summary>
/// <remarks>One check, one thread.</remarks>
internal sealed class Findings
{
    private readonly List<GgufException>? _all;

    private Findings(List<GgufException>? all) => _all = all;

    /// <summary>What was found so far; empty where the first finding is thrown.</summary>
    public IReadOnlyList<GgufException> All => _all ?? [];

    /// <summary>Throws the first finding.</summary>
    public static Findings ThrowFirst() => new(null);

    /// <summary>Keeps all findings.</summary>
    public static Findings KeepAll() => new([]);

    /// <exception cref="GgufException">Only the first finding is wanted, and this is it.</exception>
    public void Add(GgufException finding)
    {
        if (_all is null)
        {
            throw finding;
        }

        _all.Add(finding);
    }

    /// <summary>Adds a finding where something does not hold.</summary>
    /// <exception cref="GgufException">Only the first finding is wanted, and this is it.</exception>
    public void Require(bool holds, Func<GgufException> finding)
    {
        if (!holds)
        {
            Add(finding());
        }
    }
}
