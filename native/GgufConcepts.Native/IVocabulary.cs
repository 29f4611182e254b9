namespace GgufConcepts.Native;

/// <summary>A model's tokens, by whichever llama.cpp has loaded it. Any thread; ids are checked, since a bad one ends the
/// process.</summary>
public interface IVocabulary
{
    /// <summary>How many tokens; ids are 0 to this, exclusive.</summary>
    int Count { get; }

    /// <summary>The token that begins a text, or -1.</summary>
    int BeginOfText { get; }

    /// <summary>Whether the model wants <see cref="BeginOfText"/> before a prompt.</summary>
    bool AddsBeginOfText { get; }

    /// <summary>Whether the tokenizer puts a space before a text (SentencePiece).</summary>
    bool AddsSpacePrefix { get; }

    /// <summary>Whether the token ends a generation: end of text, end of turn and the like.</summary>
    bool IsEndOfGeneration(int id);

    /// <summary>Whether the token is a marker rather than text.</summary>
    bool IsControl(int id);

    /// <summary>The tokens that are markers or end a generation, in order of their ids.</summary>
    int[] FindMarkers();

    /// <summary>Cuts text into tokens, without the markers that a model may want at its begin and end.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">Reads markers such as <c>&lt;|im_start|&gt;</c> as the tokens they name.</param>
    /// <exception cref="NativeCallException">The text is too long for llama.cpp to count.</exception>
    int[] Tokenize(string text, bool parseSpecial);

    /// <summary>The bytes one token stands for; a character may span several tokens.</summary>
    /// <param name="id">The token.</param>
    /// <param name="special">Whether markers are written out (<c>&lt;|im_end|&gt;</c>) or left empty.</param>
    byte[] Piece(int id, bool special);

    /// <summary>Joins tokens to text, as the tokenizer's own rules say (leading spaces, clean-up).</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="special">Whether markers are written out or left empty.</param>
    string Detokenize(ReadOnlySpan<int> ids, bool special);
}
