using System.Text;
using GgufConcepts.Mixing;

namespace GgufConcepts.Gguf;

/// <summary>A byte-level BPE vocabulary of random words in GPT-2's way: every text has tokens, and loading it costs what
/// loading a real one costs.</summary>
/// <remarks>Ids as in Qwen2.5: 256 bytes, the products of the merges in their order, three markers, unused
/// tokens.</remarks>
internal sealed class SyntheticVocabulary
{
    public const string EndOfText = "<|endoftext|>";
    public const string ImStart = "<|im_start|>";
    public const string ImEnd = "<|im_end|>";

    private const int ByteTokens = 256;
    private const int NormalToken = 1;  // enum llama_token_type
    private const int ControlToken = 3;
    private const int UnusedToken = 5;
    private const int LongestWord = 12;

    public SyntheticVocabulary(ModelShape shape, RandomStream random)
    {
        string[] markers = [EndOfText, ImStart, ImEnd];
        int unused = shape.Tokens - ByteTokens - shape.Merges - markers.Length;
        ArgumentOutOfRangeException.ThrowIfNegative(unused, nameof(shape));
        List<string> tokens = [.. BytesInOrder().Select(value => Letter(value).ToString())];
        Merges = Merge(tokens, shape.Merges, random);
        EndOfTextId = tokens.Count;
        Tokens = [.. tokens, .. markers, .. Enumerable.Range(0, unused).Select(i => $"[PAD{EndOfTextId + markers.Length + i}]")];
        Types =
        [
            .. Enumerable.Repeat(NormalToken, tokens.Count), .. markers.Select(_ => ControlToken),
            .. Enumerable.Repeat(UnusedToken, unused),
        ];
    }

    /// <summary>The tokens as a file names them; an id is an index.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>What kind each token is (<c>enum llama_token_type</c>).</summary>
    public int[] Types { get; }

    /// <summary>Pairs to join, most urgent first: <c>left right</c>.</summary>
    public IReadOnlyList<string> Merges { get; }

    public int EndOfTextId { get; }

    public int ImEndId => EndOfTextId + 2;

    /// <summary>Joins random tokens to words, of Latin letters and of Cyrillic ones, which are two bytes each. Adds the
    /// products to the tokens; returns the pairs.</summary>
    private static List<string> Merge(List<string> tokens, int count, RandomStream random)
    {
        string lower = string.Concat(Enumerable.Range('a', 26).Select(letter => (char)letter));
        Pieces latin = new(Split(lower + lower.ToUpperInvariant() + Letter((byte)' ')), Split(lower));
        List<string> merges = new(count);
        foreach (char letter in Enumerable.Range('а', 32).Select(letter => (char)letter)) // Cyrillic, a to ya
        {
            char[] bytes = [.. Encoding.UTF8.GetBytes([letter]).Select(Letter)];
            merges.Add($"{bytes[0]} {bytes[1]}");
            tokens.Add($"{bytes[0]}{bytes[1]}");
        }

        List<string> letters = tokens[ByteTokens..];
        Pieces cyrillic = new(letters, letters);
        HashSet<string> seen = new(tokens, StringComparer.Ordinal);
        while (merges.Count < count)
        {
            Pieces pieces = random.NextUInt64() % 4 == 0 ? cyrillic : latin;
            string left = Pick(pieces.Starts, ref random);
            string right = Pick(pieces.Ends, ref random);
            string word = left + right;
            if (word.Length > LongestWord || !seen.Add(word))
            {
                continue;
            }

            merges.Add($"{left} {right}");
            tokens.Add(word);
            pieces.Starts.Add(word);
            if (char.IsAsciiLetterLower(word[0]) || pieces == cyrillic) // what begins with a space or a capital begins a word
            {
                pieces.Ends.Add(word);
            }
        }

        return merges;
    }

    private static IEnumerable<string> Split(string letters) => letters.Select(letter => letter.ToString());

    private static string Pick(List<string> pieces, ref RandomStream random) =>
        pieces[(int)(random.NextUInt64() % (ulong)pieces.Count)];

    /// <summary>The bytes as GPT-2 numbers them: those that print first.</summary>
    private static IEnumerable<byte> BytesInOrder() =>
        Enumerable.Range(0, ByteTokens).Select(value => (byte)value).OrderBy(value => !Prints(value));

    /// <summary>The letter that GPT-2 writes for a byte: itself, or one from U+0100 on.</summary>
    private static char Letter(byte value) => Prints(value)
        ? (char)value
        : (char)(ByteTokens + Enumerable.Range(0, value).Count(smaller => !Prints((byte)smaller)));

    private static bool Prints(byte value) => value is >= 33 and <= 126 or >= 161 and <= 172 or >= 174;

    /// <summary>What words of one alphabet are made of.</summary>
    private sealed class Pieces(IEnumerable<string> starts, IEnumerable<string> ends)
    {
        public List<string> Starts { get; } = [.. starts];

        public List<string> Ends { get; } = [.. ends];
    }
}
