namespace GgufConcepts.Testing;

/// <summary>
/// A byte-level BPE vocabulary in GPT-2's way: 256 bytes, the merges of some words, three markers. Every text has tokens;
/// the words below, with the space before them, are one token each.
/// </summary>
public static class TinyVocabulary
{
    public const string EndOfText = "<|endoftext|>";
    public const string ImStart = "<|im_start|>";
    public const string ImEnd = "<|im_end|>";

    /// <summary>Texts that are one token.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        " the", " is", " of", " in", " and", " a", " to", " Paris", " France", " capital", " King", " Queen", " Man",
        " Woman", " cat", " dog", " sat", " on", " one", " two", " three", " plain", " English", " Spanish", " meaning",
        " London", " Madrid", " yes", " no", " not", "The", "What",
    ];

    /// <summary>Pairs to join, most urgent first: <c>left right</c>.</summary>
    public static IReadOnlyList<string> Merges { get; }

    /// <summary>The tokens as a GGUF file names them; an id is an index.</summary>
    public static IReadOnlyList<string> Tokens { get; }

    public static int EndOfTextId => Tokens.Count - 3;

    public static int ImStartId => Tokens.Count - 2;

    public static int ImEndId => Tokens.Count - 1;

    static TinyVocabulary()
    {
        List<string> merges = [];
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => Letter((byte)value).ToString())];
        foreach (string word in Words)
        {
            // Each word is joined from the left; all start with a letter pair of their own or share a prefix.
            string joined = Letter((byte)word[0]).ToString();
            foreach (char next in word.Skip(1).Select(letter => Letter((byte)letter)))
            {
                if (!tokens.Contains(joined + next))
                {
                    merges.Add($"{joined} {next}");
                    tokens.Add(joined + next);
                }

                joined += next;
            }
        }

        Merges = merges;
        Tokens = [.. tokens, EndOfText, ImStart, ImEnd];
    }

    /// <summary>The printable letter GPT-2 writes for a byte: itself, or one from U+0100 on.</summary>
    private static char Letter(byte value)
    {
        if (IsPrintable(value))
        {
            return (char)value;
        }

        return (char)(256 + Enumerable.Range(0, value).Count(smaller => !IsPrintable((byte)smaller)));

        static bool IsPrintable(byte letter) => letter is >= 33 and <= 126 or >= 161 and <= 172 or >= 174;
    }
}
