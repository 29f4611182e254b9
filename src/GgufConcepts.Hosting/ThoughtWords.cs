using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting;

/// <summary>The words of a thought as they come: the reader's, or where the thought is one of tokens, those
/// themselves.</summary>
internal sealed class ThoughtWords
{
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
            case ConceptStep { IsMarker: false } step:
                return step.Words;
            default:
                return "";
        }
    }
}
