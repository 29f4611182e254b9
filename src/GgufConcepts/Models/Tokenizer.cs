using System.Text;
using GgufConcepts.Mixing;
using GgufConcepts.Native;

namespace GgufConcepts.Models;

/// <summary>A model's tokens: text to ids and back. Any thread.</summary>
public sealed class Tokenizer
{
    private readonly IVocabulary _vocabulary;
    private readonly string?[] _texts;
    private readonly Lazy<TokenMask> _neverMixed;

    internal Tokenizer(IVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _texts = new string?[vocabulary.Count];
        _neverMixed = new Lazy<TokenMask>(FindNeverMixed);
    }

    /// <summary>How many tokens; ids are 0 to this, exclusive.</summary>
    public int Count => _vocabulary.Count;

    /// <summary>Control tokens, which never enter a mixture.</summary>
    /// <exception cref="ConceptInputException">There are no others.</exception>
    public TokenMask NeverMixed => _neverMixed.Value;

    /// <summary>Cuts a prompt into tokens, with the marker that begins a text where the model wants one.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="markers">Whether <c>&lt;|im_start|&gt;</c> and the like in the text become the tokens they
    /// name.</param>
    /// <exception cref="ConceptInputException">The text is of several million characters.</exception>
    public int[] EncodePrompt(string text, bool markers = false)
    {
        ArgumentNullException.ThrowIfNull(text);

        // Only the marker that begins a text: some models ask for one at the end too, which would close the prompt.
        int[] tokens = Cut(text, markers);
        return _vocabulary.AddsBeginOfText ? [_vocabulary.BeginOfText, .. tokens] : tokens;
    }

    /// <summary>Cuts text into tokens as it stands in the middle of a line: no begin marker, no added space.</summary>
    /// <param name="text">The text.</param>
    /// <param name="markers">Whether markers in the text become the tokens they name.</param>
    /// <exception cref="ConceptInputException">The text is of several million characters.</exception>
    public int[] EncodeContinuation(string text, bool markers = false)
    {
        ArgumentNullException.ThrowIfNull(text);

        if (!_vocabulary.AddsSpacePrefix)
        {
            return Cut(text, markers);
        }

        // SentencePiece puts a space before a text. After a line break it does not, and a break never joins what
        // follows.
        int[] lineBreak = Cut("\n", markers);
        int[] afterBreak = Cut("\n" + text, markers);
        return afterBreak.AsSpan().StartsWith(lineBreak) ? afterBreak[lineBreak.Length..] : Cut(text, markers);
    }

    /// <summary>Joins tokens to text.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="markers">Whether control tokens are written out or left empty.</param>
    public string Decode(ReadOnlySpan<int> ids, bool markers = false)
    {
        foreach (int id in ids)
        {
            CheckId(id, nameof(ids));
        }

        return _vocabulary.Detokenize(ids, markers);
    }

    /// <summary>The text of one token, markers written out; bytes that are no character alone show as U+FFFD.</summary>
    public string Text(int id) =>
        _texts[CheckId(id)] ??= Encoding.UTF8.GetString(_vocabulary.Piece(id, special: true));

    /// <summary>The bytes of one token; a character may span several. Control tokens are empty.</summary>
    public byte[] Bytes(int id) => _vocabulary.Piece(CheckId(id), special: false);

    /// <summary>Whether a token is a marker rather than text.</summary>
    public bool IsControl(int id) => _vocabulary.IsControl(CheckId(id));

    /// <summary>Whether a token ends a generation: end of text, end of turn.</summary>
    public bool IsEndOfText(int id) => _vocabulary.IsEndOfGeneration(CheckId(id));

    /// <summary>The id of a marker that the vocabulary holds as one token, or -1.</summary>
    public int FindMarker(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int[] ids = Cut(text, markers: true);
        return ids.Length == 1 && Text(ids[0]) == text ? ids[0] : -1;
    }

    private TokenMask FindNeverMixed()
    {
        TokenMask markers = new(Count, _vocabulary.FindMarkers());
        return markers.Count < Count
            ? markers
            : throw new ConceptInputException($"All {Count} tokens of this vocabulary are markers; there are none to mix. Use another model.");
    }

    private int[] Cut(string text, bool markers) => DeepStack.Run(text, deep => _vocabulary.Tokenize(deep, markers));

    private int CheckId(int id, string parameter = "id") => (uint)id < (uint)Count
        ? id
        : throw new ArgumentOutOfRangeException(parameter, id, $"The vocabulary has tokens 0 to {Count - 1}.");
}
