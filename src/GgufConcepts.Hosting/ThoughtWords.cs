using System.Text;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>The words of a thought as they come: the reader's, or where the thought is one of tokens, those
/// themselves.</summary>
/// <param name="options">How it is thought.</param>
/// <param name="tokenizer">The model's, once it is at work; null where it is not loaded any more.</param>
internal sealed class ThoughtWords(ThinkOptions options, Func<Tokenizer?> tokenizer)
{
    private readonly Decoder _letters = Encoding.UTF8.GetDecoder(); // a token may end within one
    private bool _hasRead;

    /// <summary>The words that an event adds; empty where it adds none.</summary>
    public string Of(ThoughtEvent happened)
    {
        switch (happened)
        {
            case ChunkRead chunk:
                string words = _hasRead ? $"\n{chunk.Translation}" : chunk.Translation;
                _hasRead = true;
                return words;
            case ConceptStep { IsMarker: false, Chosen: { } chosen } when !options.Strategy.FeedsVectors:
                if (tokenizer() is not { } known)
                {
                    return chosen.Text; // but for a part of a character
                }

                byte[] bytes = known.Bytes(chosen.Id);
                char[] letters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
                return new string(letters, 0, _letters.GetChars(bytes, letters, flush: false));
            default:
                return "";
        }
    }
}
