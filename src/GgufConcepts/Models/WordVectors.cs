namespace GgufConcepts.Models;

/// <summary>A word as the input embeddings know it.</summary>
/// <param name="Word">The word.</param>
/// <param name="Tokens">Its tokens; more than one only where their mean was asked for.</param>
/// <param name="Vector">The row of the token, or the mean of the rows; not scaled.</param>
public sealed record WordVector(string Word, IReadOnlyList<int> Tokens, float[] Vector);

/// <summary>Looks words up in the input embeddings: the ground of <c>neighbors</c> and <c>analogy</c>.</summary>
public static class WordVectors
{
    /// <summary>Finds a word: as it stands within a sentence, then as it stands at the beginning of one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="word">One word.</param>
    /// <param name="mean">Whether a word of several tokens is the mean of their rows.</param>
    /// <exception cref="ConceptInputException">It is empty, or no single token and no mean was asked for.</exception>
    public static WordVector Find(ConceptModel model, string word, bool mean)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(word);
        if (string.IsNullOrWhiteSpace(word))
        {
            throw new ConceptInputException("The word is empty; name one, such as: king");
        }

        Tokenizer tokenizer = model.Tokenizer;
        int[] within = tokenizer.EncodeContinuation(" " + word);
        int[] alone = tokenizer.EncodeContinuation(word);
        int[] tokens = within.Length == 1 ? within : alone.Length == 1 ? alone : within;
        if (tokens.Length != 1 && !mean)
        {
            string pieces = string.Join(" + ", tokens.Select(id => $"'{tokenizer.Text(id)}'"));
            throw new ConceptInputException(
                $"'{word}' is {tokens.Length} tokens in this vocabulary: {pieces}. Use another word, or --mean for the mean of their rows.");
        }

        float[] sum = new float[model.Embeddings.Width];
        float[] row = new float[model.Embeddings.Width];
        foreach (int id in tokens)
        {
            model.Embeddings.CopyRow(id, row);
            for (int i = 0; i < row.Length; i++)
            {
                sum[i] += row[i] / tokens.Length;
            }
        }

        return new WordVector(word, tokens, sum);
    }

    /// <summary>Adds and subtracts words: <c>king - man + woman</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="terms">Words, with + or - between them; anywhere between or within the strings.</param>
    /// <param name="mean">Whether a word of several tokens is the mean of their rows.</param>
    /// <returns>The words, and the sum as a vector.</returns>
    /// <exception cref="ConceptInputException">No sum, or a word that is no single token.</exception>
    public static (IReadOnlyList<WordVector> Words, float[] Sum) Sum(ConceptModel model, IEnumerable<string> terms, bool mean)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(terms);
        string[] parts = [.. terms.SelectMany(term => term.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        if (parts.Length < 3 || parts.Length % 2 == 0 || parts.Where((part, i) => i % 2 == 1).Any(sign => sign is not ("+" or "-")))
        {
            throw new ConceptInputException(
                $"'{string.Join(' ', parts)}' is no sum of words; write words with + or - between them, as in: king - man + woman");
        }

        List<WordVector> words = [];
        float[] sum = new float[model.Embeddings.Width];
        for (int i = 0; i < parts.Length; i += 2)
        {
            WordVector word = Find(model, parts[i], mean);
            words.Add(word);
            float sign = i > 0 && parts[i - 1] == "-" ? -1f : 1f;
            for (int j = 0; j < sum.Length; j++)
            {
                sum[j] += sign * word.Vector[j];
            }
        }

        return (words, sum);
    }
}
