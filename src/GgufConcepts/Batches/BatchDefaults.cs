using GgufConcepts.Thinking;

namespace GgufConcepts.Batches;

/// <summary>What holds for the lines of a batch that say nothing else.</summary>
/// <param name="Model">What the batch calls the model: see <see cref="BatchModel.NameOf"/>.</param>
public sealed record BatchDefaults(string Model)
{
    /// <summary>How to think.</summary>
    public ThinkOptions Options { get; init; } = new();

    /// <summary>Whether results say only what was answered and read, without the steps.</summary>
    public bool Brief { get; init; }
}
