using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>How a thought begins, and how it will end.</summary>
/// <param name="Tokens">The prompt and the marker that begins the thought, as they are fed.</param>
/// <param name="Start">The model's marker that begins a thought.</param>
/// <param name="End">The marker that ends it.</param>
internal sealed record Opening(int[] Tokens, Marker Start, Marker End)
{
    /// <param name="tokenizer">The model's.</param>
    /// <param name="prompt">Its tokens, without the marker that begins a thought.</param>
    /// <param name="options">Names the markers.</param>
    /// <exception cref="ConceptInputException">The vocabulary cannot write a marker.</exception>
    public static Opening Of(Tokenizer tokenizer, int[] prompt, ThinkOptions options)
    {
        Marker start = Marker.Find(tokenizer, options.ThinkStart, ThinkOptions.UsualStart, "thinkStart");
        bool begun = start.Tokens is [int mark] && prompt.TakeLast(2).Contains(mark);
        bool thinks = options.MaxSteps > 0 || options.ThinkStart is { Length: > 0 } || begun; // else there is nothing to end
        Marker end = Marker.Find(tokenizer, options.ThinkEnd ?? (thinks ? null : ""), ThinkOptions.UsualEnd, "thinkEnd");
        return new Opening([.. prompt, .. StartAfter(prompt)], start, end);

        // What was asked for, or after a chat prompt the model's own marker and a line break, unless the template ended
        // with them.
        int[] StartAfter(int[] prompt)
        {
            if (options.ThinkStart is { } asked)
            {
                int[] tokens = Marker.Find(tokenizer, asked, "").Tokens;
                return tokens.Length > 0 && prompt.AsSpan().EndsWith(tokens) ? [] : tokens;
            }

            return options is { Chat: not null, MaxSteps: > 0 } && start.Tokens is [int own] && !begun
                ? [own, .. tokenizer.EncodeContinuation("\n")]
                : [];
        }
    }

    /// <summary>The most rows that the thought can become, its prompt included.</summary>
    /// <param name="options">The thought's.</param>
    /// <param name="contextLength">Rows one sequence can hold.</param>
    public int MostRows(ThinkOptions options, int contextLength) => options.ChunkLength > 0
        ? contextLength // words take the place of vectors, and may be more of them
        : (int)Math.Min(contextLength, (long)Tokens.Length + options.MaxSteps + End.Tokens.Length + options.AnswerTokens);
}
