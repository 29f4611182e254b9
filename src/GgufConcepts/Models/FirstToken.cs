using GgufConcepts.Decoding;
using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>One token through a model that was just loaded. A file that loads may hold numbers that are none, in its weights
/// or its settings, and then nothing that it says is a distribution.</summary>
/// <remarks>Costs what a step costs and reads what it reads; of a mixture of experts only those that the token is sent to.
/// What is in the others shows where they are used, as a <see cref="Mixing.NonFiniteLogitsException"/>, or by
/// <see cref="ModelOptions.CheckTensors"/>.</remarks>
internal static class FirstToken
{
    /// <summary>The decoder that it needs.</summary>
    public static DecoderOptions DecoderOptions { get; } = new() { ContextLength = 1, BatchSize = 1 };

    /// <summary>Decodes a token and looks at its logits.</summary>
    /// <param name="decoder">An empty one.</param>
    /// <param name="path">The model's file, for the message.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    /// <exception cref="ConceptInputException">The logits are no distribution, or the token could not be
    /// decoded.</exception>
    public static void Check(IDecoder decoder, string path, CancellationToken cancellation)
    {
        int token = decoder.Info.VocabularySize / 2; // an ordinary one: markers stand at an end
        try
        {
            decoder.Feed(0, [token], Outputs.Logits, cancellation);
        }
        catch (NativeCallException problem)
        {
            throw new ConceptInputException(
                $"{path}: was loaded, but llama.cpp cannot decode a token with it: {problem.NativeMessage ?? problem.Message} " +
                "Use another file of this model, or, where memory is short, a smaller one.", problem);
        }

        float largest = float.NegativeInfinity; // some tokens may have it: those that a model never says
        foreach (float logit in decoder.Logits())
        {
            largest = MathF.Max(largest, logit); // NaN stays
        }

        if (!float.IsFinite(largest))
        {
            throw new ConceptInputException(
                $"{path}: was loaded, but token {token} gets logits of {largest}: a weight or a setting in the file is no finite " +
                "number, or far out of its range. Check the file's sha256 and download it again, or use another file of this model.");
        }
    }
}
