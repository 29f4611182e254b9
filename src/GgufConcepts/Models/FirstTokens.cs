using GgufConcepts.Decoding;
using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>Two tokens through a model that was just loaded. A file that loads may hold numbers that are none, in its weights
/// or its settings, and then nothing that it says is a distribution.</summary>
/// <remarks>Two, as the first stands at position 0, where no angle is wrong. They cost what a step costs and read what it
/// reads; of a mixture of experts only those that the token is sent to. What is in the others shows where they are used, as
/// a <see cref="Mixing.NonFiniteLogitsException"/>, or by <see cref="ModelOptions.CheckTensors"/>.</remarks>
internal static class FirstTokens
{
    private const int Count = 2;

    /// <summary>The decoder that they need.</summary>
    /// <param name="trainedContext">Positions that the model has.</param>
    public static DecoderOptions DecoderOptions(int trainedContext) =>
        new() { ContextLength = Math.Min(Count, trainedContext), BatchSize = Count };

    /// <summary>Decodes a token at each position that there is, and looks at the last logits.</summary>
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
            decoder.Feed(0, [.. Enumerable.Repeat(token, decoder.Info.ContextLength)], Outputs.Logits, cancellation);
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
