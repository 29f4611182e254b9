namespace GgufConcepts.Reading;

/// <summary>What two readings must have in common to say the same.</summary>
public static class SameWords
{
    /// <summary>A reading without what makes no other reading of it: case, blanks, and the marks around it.</summary>
    /// <param name="text">The reading.</param>
    /// <returns>In lower case, one space between words, no punctuation or quotes at its ends. A reading of nothing else
    /// stays as it is.</returns>
    public static string Normalise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string plain = string.Join(' ', text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        int first = 0, end = plain.Length;
        while (first < end && IsMark(plain[first]))
        {
            first++;
        }

        while (end > first && IsMark(plain[end - 1]))
        {
            end--;
        }

        return first < end ? plain[first..end] : plain;
    }

    private static bool IsMark(char character) => char.IsPunctuation(character) || character == ' ';
}
