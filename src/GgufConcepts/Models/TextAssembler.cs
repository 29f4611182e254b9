using System.Text;

namespace GgufConcepts.Models;

/// <summary>Turns tokens into text as they come: a character whose bytes are spread over tokens appears when
/// whole.</summary>
public sealed class TextAssembler(Tokenizer tokenizer)
{
    private readonly Tokenizer _tokenizer = tokenizer ?? throw new ArgumentNullException(nameof(tokenizer));
    private readonly System.Text.Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _text = new();

    /// <summary>All text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Adds a token and returns the text that became whole by it.</summary>
    public string Add(int id) => Append(_tokenizer.Bytes(id), flush: false);

    /// <summary>Ends the text; what is left of a broken character becomes U+FFFD.</summary>
    public string Finish() => Append([], flush: true);

    private string Append(ReadOnlySpan<byte> bytes, bool flush)
    {
        char[] characters = new char[_utf8.GetCharCount(bytes, flush)];
        int count = _utf8.GetChars(bytes, characters, flush);
        string text = new(characters, 0, count);
        _text.Append(text);
        return text;
    }
}
