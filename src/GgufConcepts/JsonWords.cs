using System.Text.Json;

namespace GgufConcepts;

/// <summary>What the JSON reader found wrong, in words for whoever wrote the document: its own are for programmers, and
/// name types of this program.</summary>
internal static class JsonWords
{
    private const string Missing = "including: ";

    /// <summary>The words, with the place where there is one.</summary>
    public static string Of(JsonException json)
    {
        string place = PlaceOf(json.Path);
        string message = json.Message.ReplaceLineEndings(" ");
        int missing = message.IndexOf(Missing, StringComparison.Ordinal);
        string words = missing >= 0 ? $"{place} lacks {message[(missing + Missing.Length)..].Split(". Path:")[0].TrimEnd('.')}"
            : message.Contains("could not be converted", StringComparison.Ordinal) || message.Contains("conversion for type", StringComparison.Ordinal)
                ? $"{place} is of the wrong type"
            : message.Contains("doesn't allow setting to null", StringComparison.Ordinal)
                || message.Contains("doesn't allow null", StringComparison.Ordinal) ? $"{place} is null"
            : message.Contains("maximum configured depth", StringComparison.Ordinal) ? "it nests too deep"
            : json.Path is null && json.LineNumber is null ? message.TrimEnd('.')
            : "it ends too early, or a sign is where none may be";
        return json is { LineNumber: { } line, BytePositionInLine: { } column }
            ? $"{words} (line {line + 1}, byte {column + 1})."
            : $"{words}.";
    }

    /// <summary>The field that is to blame, such as <c>steps[0].entropy</c>; empty for the whole document.</summary>
    public static string FieldOf(JsonException json)
    {
        string place = PlaceOf(json.Path) is var there && there == "it" ? "" : there;
        int missing = json.Message.IndexOf(Missing, StringComparison.Ordinal);
        string[] names = missing < 0 ? [] : json.Message[missing..].Split('\'');
        return names is [_, var first, ..] ? place.Length > 0 ? $"{place}.{first}" : first : place;
    }

    /// <summary>From <c>$.steps[0].entropy</c>.</summary>
    private static string PlaceOf(string? path) => path is null or "" or "$" ? "it" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path[1..];
}
