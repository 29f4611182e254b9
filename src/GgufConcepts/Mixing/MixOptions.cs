using System.Text.Json.Nodes;

namespace GgufConcepts.Mixing;

/// <summary>How logits become a concept token: temperature, the three filters, and how many tokens are kept.</summary>
/// <remarks>The filters apply in the order top-k, top-p, min-p, renormalising after each, as in Soft Thinking
/// (arXiv 2505.15778). The defaults filter nothing and keep ten tokens.</remarks>
public sealed record MixOptions
{
    /// <summary>The values used where nothing else is said.</summary>
    public static MixOptions Default { get; } = new();

    internal const float LeastTemperature = 1e-30f;
    internal const float MostTemperature = 1e30f;

    /// <summary>Softmax temperature; no unit. Lower is sharper.</summary>
    /// <value>1e-30 to 1e30, within which no step of the arithmetic overflows; the default is 1.</value>
    public float Temperature { get; init; } = 1f;

    /// <summary>Keeps this many most probable tokens; 0 switches the filter off.</summary>
    /// <value>0 or more; a number above the vocabulary keeps every token. The default is 0.</value>
    public int TopK { get; init; }

    /// <summary>Keeps the smallest set of most probable tokens whose mass reaches this share of what top-k
    /// left.</summary>
    /// <value>Greater than 0, at most 1; 1 switches the filter off and is the default.</value>
    public float TopP { get; init; } = 1f;

    /// <summary>Keeps tokens at least this probable, relative to the most probable one.</summary>
    /// <value>At least 0, less than 1; 0 switches the filter off and is the default.</value>
    public float MinP { get; init; }

    /// <summary>The most tokens kept in a mixture, after the filters.</summary>
    /// <value>1 to <see cref="ConceptToken.Capacity"/>; the default is 10.</value>
    public int MaxTopK { get; init; } = 10;

    /// <summary>All settings, as they appear in a trace.</summary>
    public JsonObject ToJson() => new()
    {
        ["temperature"] = Temperature,
        ["topK"] = TopK,
        ["topP"] = TopP,
        ["minP"] = MinP,
        ["maxTopK"] = MaxTopK,
    };

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string>? problems = null; // made when needed: this runs at every step, which must not allocate
        if (!(Temperature >= LeastTemperature && Temperature <= MostTemperature)) // written so that NaN is rejected too
        {
            (problems ??= []).Add(
                $"{nameof(Temperature)} is {Temperature}; use a value from {LeastTemperature} to {MostTemperature}.");
        }

        if (TopK < 0)
        {
            (problems ??= []).Add($"{nameof(TopK)} is {TopK}; use 1 or more, or 0 to switch it off.");
        }

        if (!(TopP > 0f && TopP <= 1f))
        {
            (problems ??= []).Add($"{nameof(TopP)} is {TopP}; use a value above 0, up to 1 (1 switches it off).");
        }

        if (!(MinP >= 0f && MinP < 1f))
        {
            (problems ??= []).Add($"{nameof(MinP)} is {MinP}; use a value from 0 (off) to just below 1.");
        }

        if (MaxTopK is < 1 or > ConceptToken.Capacity)
        {
            (problems ??= []).Add($"{nameof(MaxTopK)} is {MaxTopK}; use 1 to {ConceptToken.Capacity}.");
        }

        return problems ?? (IReadOnlyList<string>)[];
    }
}
