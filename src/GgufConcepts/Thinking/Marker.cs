using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>A marker around a thought, as a model's tokens: none, one, or a sequence of several.</summary>
/// <param name="Tokens">Its tokens; empty where there is none.</param>
internal sealed record Marker(int[] Tokens)
{
    public bool Exists => Tokens.Length > 0;

    /// <summary>Finds a marker in a vocabulary.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="text">The marker; empty for none, null for the usual one.</param>
    /// <param name="usual">The usual one, which counts only where the vocabulary has it as one token.</param>
    /// <param name="field">The setting that names it; null where it is none.</param>
    /// <exception cref="ConceptInputException">The vocabulary cannot write it.</exception>
    public static Marker Find(Tokenizer tokenizer, string? text, string usual, string? field = null) => text switch
    {
        null => new Marker(tokenizer.FindMarker(usual) is >= 0 and int id ? [id] : []),
        "" => new Marker([]),
        _ => tokenizer.EncodeContinuation(text, markers: true) is { Length: > 0 } tokens
            ? new Marker(tokens)
            : throw new ConceptInputException($"The marker '{BriefText.Of(text)}' has no tokens in this vocabulary; use one that it has.") { Field = field },
    };

    /// <summary>Watches what is said for the marker.</summary>
    internal struct Watch(Marker marker)
    {
        private readonly int[] _last = new int[marker.Tokens.Length];
        private int _count;

        /// <summary>Sees one more token; says whether the marker ends with it.</summary>
        public bool Sees(int token)
        {
            if (!marker.Exists)
            {
                return false;
            }

            _last.AsSpan(1).CopyTo(_last);
            _last[^1] = token;
            _count++;
            return _count >= _last.Length && _last.AsSpan().SequenceEqual(marker.Tokens);
        }
    }
}
