using System.Text;
using System.Text.Unicode;

namespace GgufConcepts.Gguf.Rules;

/// <summary>The texts of the tokens: all different to C, none too long, those of bytes all there.</summary>
internal static class TokenTextRules
{
    private const int MaxTokens = 1 << 24;     // our own, sixty times what models have
    private const int MaxTokenBytes = 64 << 10; // our own, too

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
    }

    /// <summary>Lengths, and in BPE vocabularies the spelling: their tokens are letters that stand for bytes.</summary>
    private static void CheckEach(Findings findings, GgufEntry list, string kind)
    {
        bool isSpelt = kind is "gpt2" or "gemma4";
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
        }
    }

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
