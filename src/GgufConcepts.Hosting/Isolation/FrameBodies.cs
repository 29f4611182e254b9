using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>Reads what frames say.</summary>
internal static class FrameBodies
{
    private static readonly MessageJson s_json = MessageJson.Default;

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">It has another form.</exception>
    /// <exception cref="InvalidDataException">It says null.</exception>
    public static T Read<T>(this Frame frame, JsonTypeInfo<T> form) =>
        JsonSerializer.Deserialize(frame.Body.Span, form)
        ?? throw new InvalidDataException($"A frame {frame.Kind} says null.");

    /// <summary>Reads what happened in a thought that goes on.</summary>
    /// <exception cref="JsonException">It has another form.</exception>
    /// <exception cref="InvalidDataException">It is of another kind.</exception>
    public static ThoughtEvent ReadEvent(this Frame frame) => frame.Kind switch
    {
        FrameKind.PromptRead => frame.Read(s_json.PromptRead),
        FrameKind.ConceptStep => frame.Read(s_json.ConceptStep),
        FrameKind.ChunkRead => frame.Read(s_json.ChunkRead),
        FrameKind.AnswerPiece => frame.Read(s_json.AnswerPiece),
        _ => throw new InvalidDataException($"A process does not say {frame.Kind}."),
    };
}
