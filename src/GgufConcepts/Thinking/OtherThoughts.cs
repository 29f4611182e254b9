using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Makes the control of a reading that needs a thought about something else.</summary>
public static class OtherThoughts
{
    private const int Most = 32; // vectors; a longer reading gets them again from the first

    /// <summary>Prompts of the thought: the first, unless that is what the read thought was about.</summary>
    private static readonly string[] s_prompts = ["The woman", "The capital of"];

    /// <summary>Thinks, in soft mixtures of ten tokens, about a fixed prompt.</summary>
    /// <param name="session">A session not in use; what it holds is forgotten.</param>
    /// <param name="count">Vectors to be replaced.</param>
    /// <param name="prompt">What the vectors to be replaced were thought about; null where that is not known.</param>
    /// <param name="cancellation">Stops within a step.</param>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or thinks of nothing.</exception>
    public static OtherThought Think(
        ConceptSession session, int count, string? prompt = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        string other = s_prompts.First(fixedPrompt => fixedPrompt != prompt);
        ThinkOptions options = new()
        {
            Strategy = new SoftThinking(),
            MaxSteps = Math.Clamp(count, 1, Most),
            ColdStop = new ColdStop { Entropy = 0 },
            ThinkEnd = "",
            Reader = null,
            AnswerTokens = 0,
        };
        List<float> vectors = [];
        float[] vector = new float[session.Embeddings.Width];
        foreach (ConceptStep step in session.Think(other, options, cancellation).OfType<ConceptStep>())
        {
            int[] ids = step.Chosen is { } chosen ? [chosen.Id] : [.. step.Tokens.Select(token => token.Id)];
            float[] weights = step.Chosen is null ? [.. step.Tokens.Select(token => token.Probability)] : [1f];
            session.Embeddings.Mix(ids, weights, vector);
            vectors.AddRange(vector);
        }

        return vectors.Count > 0
            ? new OtherThought(other, vectors.ToArray())
            : throw new ConceptInputException(
                $"The model thinks of nothing after '{other}'; name another thought's trace with --other.");
    }
}
