using System.Text;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Lets a model translate in plain tokens, without vectors: the check whether it can do that at all.</summary>
public static class Translation
{
    /// <summary>The prompt, in the manner of a completion model: two labelled lines, the second to be
    /// finished.</summary>
    public static string Prompt(string text, string from, string to)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return $"{from}: {text}\n{to}:";
    }

    /// <summary>Translates a sentence, with the likeliest token at each step.</summary>
    /// <param name="session">A session of the model.</param>
    /// <param name="text">The sentence.</param>
    /// <param name="from">Its language.</param>
    /// <param name="to">The other language.</param>
    /// <param name="maxTokens">Most tokens; a line break ends it too.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns>The first line the model wrote, trimmed; empty where it wrote nothing.</returns>
    /// <exception cref="ConceptInputException">A language or the text is empty, the limit is below 1, or the prompt does
    /// not fit.</exception>
    public static string Translate(
        ConceptSession session, string text, string from, string to, int maxTokens = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(session);
        if (string.IsNullOrWhiteSpace(text) || string.IsNullOrWhiteSpace(from) || string.IsNullOrWhiteSpace(to))
        {
            throw new ConceptInputException(
                $"The text is '{text}', the languages '{from}' and '{to}'; none of them may be empty.");
        }

        StringBuilder words = new();
        foreach (AnswerPiece piece in session
            .Generate(Prompt(text, from, to), new TokenDecoding { Greedy = true }, maxTokens, cancellation: cancellation)
            .OfType<AnswerPiece>())
        {
            words.Append(piece.Text);
            if (words.ToString().TrimStart().Contains('\n'))
            {
                break;
            }
        }

        return words.ToString().Trim().Split('\n')[0].Trim();
    }
}
