using System.Text;
using System.Text.Unicode;

namespace GgufConcepts.Gguf.Rules;

/// <summary>The texts of the tokens: all different to C, none too long, those of bytes all there.</summary>
internal static class TokenTextRules
{
    private const int MaxTokens = 512 << 10;    // our own, twice what models have
    private const int MaxMerges = 1 << 20;      // the same
    private const int UsualBytes = 64;          // shorter tokens cannot cost much, whatever their letters
    private const int MaxTokenBytes = 64 << 10; // our own, too

    private const long MaxSpelling = 64 << 20; // bytes; our own

    public static void Check(CheckedModel model, Findings findings, GgufEntry tokens, string kind)
    {
        if (tokens.Count is 0 or > MaxTokens)
        {
            findings.Add(tokens.Problem($"has {tokens.Count} tokens; a model has from 1 to {MaxTokens}"));
            return;
        }

        CheckEach(findings, tokens, kind);
        if (model.Find(TokenizerRules.Prefix + "merges") is { } merges)
        {
            findings.Require(merges.Count <= MaxMerges, () => merges.Problem($"has {merges.Count} entries; the most is {MaxMerges}"));
            CheckEach(findings, merges, kind);
        }

        TokenTexts texts = new(tokens.AsArray());
        if (texts.Repeated is { } repeated)
        {
            findings.Add(tokens.Problem(
                $"has token {repeated} twice: {texts.Describe(repeated)} is also token {texts.RepeatedFirst}, and some " +
                "versions of llama.cpp end the process over that"));
            return; // the set of texts is not whole
        }

        if (kind == "llama")
        {
            CheckBytes(findings, tokens, texts);
        }
        else if (kind == "rwkv")
        {
            CheckEscapedBytes(findings, tokens);
        }
        else if (kind == "plamo2")
        {
            CheckHexadecimalBytes(findings, tokens);
        }
    }

    /// <summary>Lengths, and in BPE vocabularies the spelling: their tokens are letters that stand for bytes.</summary>
    private static void CheckEach(Findings findings, GgufEntry list, string kind)
    {
        bool isSpelt = kind is "gpt2" or "gemma4";
        long spelling = 0;
        using MappedFile.Lease bytes = list.AsArray().BorrowTexts(out long offset);
        for (int i = 0; i < list.Count; i++)
        {
            ReadOnlySpan<byte> text = GgufArray.TextAt(bytes, ref offset);
            if (text.Length > MaxTokenBytes)
            {
                findings.Add(list.Problem($"has an entry {i} of {text.Length} bytes; the most is {MaxTokenBytes}"));
                return;
            }

            if (isSpelt && !Utf8.IsValid(text))
            {
                findings.Add(list.Problem($"has an entry {i} that is not valid UTF-8"));
                return;
            }

            spelling += isSpelt && text.Length > UsualBytes ? (long)Foreign(text) * text.Length : 0;
            if (spelling > MaxSpelling)
            {
                findings.Add(list.Problem(
                    $"has an entry {i} whose letters stand for no bytes: to spell all such takes gigabytes"));
                return;
            }
        }
    }

    /// <summary>How many letters of a BPE token stand for no byte: for each, llama.cpp repeats the whole token.</summary>
    /// <remarks>Those that do are U+0021 to U+0143, not all of them: near enough for a limit.</remarks>
    private static int Foreign(ReadOnlySpan<byte> utf8)
    {
        int count = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            count += utf8[i] is < 0x21 or > 0xC5 || (utf8[i] == 0xC5 && utf8[i + 1] > 0x83) ? 1 : 0;
        }

        return count;
    }

    /// <summary>RWKV's tokenizer looks for the longest token from each byte on; from one that is none it never comes
    /// away.</summary>
    private static void CheckEscapedBytes(Findings findings, GgufEntry tokens)
    {
        bool[] found = new bool[256];
        using MappedFile.Lease bytes = tokens.AsArray().BorrowTexts(out long offset);
        for (long i = 0; i < tokens.Count; i++)
        {
            ReadOnlySpan<byte> text = GgufArray.TextAt(bytes, ref offset);
            if (Unescape(text) is { } value)
            {
                found[value] = true;
            }
        }

        int missing = Array.IndexOf(found, false, 1); // no text holds a zero
        findings.Require(missing < 0, () => tokens.Problem($"has no token for the byte {missing} (\\x{missing:x2})"));
    }

    /// <summary>llama.cpp takes the two digits of PLaMo-2's byte tokens for a place in a table, a sign among them: <c>&lt;0x-1&gt;</c>
    /// writes before it. Source: llama.cpp, pull request 25969.</summary>
    private static void CheckHexadecimalBytes(Findings findings, GgufEntry tokens)
    {
        using MappedFile.Lease bytes = tokens.AsArray().BorrowTexts(out long offset);
        for (long i = 0; i < tokens.Count; i++)
        {
            ReadOnlySpan<byte> text = GgufArray.TextAt(bytes, ref offset);
            if (text.Length == "<0x00>".Length && text.StartsWith("<0x"u8) && text[^1] == '>'
                && !(char.IsAsciiHexDigit((char)text[3]) && char.IsAsciiHexDigit((char)text[4])))
            {
                findings.Add(tokens.Problem($"has token {i} for a byte whose two digits are none, {Encoding.Latin1.GetString(text)}"));
                return;
            }
        }
    }

    /// <summary>The byte that a token of RWKV stands for; null where it stands for more.</summary>
    private static byte? Unescape(ReadOnlySpan<byte> text) => text switch
    {
        [not (byte)'\\'] => text[0],
        [(byte)'\\', (byte)'t'] => (byte)'\t',
        [(byte)'\\', (byte)'n'] => (byte)'\n',
        [(byte)'\\', (byte)'r'] => (byte)'\r',
        [(byte)'\\', not (byte)'x'] => text[1],
        [(byte)'\\', (byte)'x', byte high, byte low] => (byte)((Digit(high) << 4) + Digit(low)),
        _ => null,
    };

    /// <summary>As llama.cpp reads it: no capitals.</summary>
    private static int Digit(byte letter) => letter >= 'a' ? letter - 'a' + 10 : letter - '0';

    /// <summary>SentencePiece spells unknown characters in bytes; a text that needs a missing one ends the
    /// process.</summary>
    private static void CheckBytes(Findings findings, GgufEntry tokens, TokenTexts texts)
    {
        for (int value = 0; value < 256; value++)
        {
            if (!texts.Contains(Encoding.ASCII.GetBytes($"<0x{value:X2}>")) && !texts.Contains([(byte)value]))
            {
                findings.Add(tokens.Problem($"has no token for the byte {value} (<0x{value:X2}>)"));
                return;
            }
        }
    }
}
