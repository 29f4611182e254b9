using GgufConcepts.Decoding;

namespace GgufConcepts.Thinking;

/// <summary>What all prompts of a batch begin with: fed once, into a sequence that each thought forks.</summary>
/// <param name="Length">Its tokens.</param>
/// <param name="End">What the model said after it; null where there is nothing to share.</param>
internal sealed record SharedPrompt(int Length, KeptOutputs? End)
{
    /// <param name="decoder">The batch's.</param>
    /// <param name="sequence">Number of an empty sequence.</param>
    /// <param name="prompts">The tokens of every prompt, none empty.</param>
    /// <param name="outputs">What to keep.</param>
    /// <param name="cancellation">Stops within it.</param>
    public static SharedPrompt Feed(
        IDecoder decoder, int sequence, IReadOnlyList<int[]> prompts, Outputs outputs, CancellationToken cancellation)
    {
        int length = prompts.Count == 0 ? 0 : prompts.Min(prompt => prompt.AsSpan().CommonPrefixLength(prompts[0]));
        if (length == 0)
        {
            return new SharedPrompt(0, null);
        }

        decoder.Feed(sequence, prompts[0].AsSpan(0, length), outputs, cancellation);
        float[] hidden = (outputs & Outputs.Hidden) != 0 ? decoder.Hidden().ToArray() : [];
        return new SharedPrompt(length, new KeptOutputs(decoder.Logits().ToArray(), hidden));
    }
}
