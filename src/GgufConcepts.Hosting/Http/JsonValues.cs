using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GgufConcepts.Hosting.Http;

/// <summary>Looks through JSON before anything is made of it.</summary>
internal static class JsonValues
{
    /// <summary>Counts objects, lists, texts, numbers, true, false and null, in all depths; names are none. Reads every
    /// name and text: one that is half a character is found here, not when somebody looks.</summary>
    /// <param name="json">The JSON, of valid UTF-8.</param>
    /// <exception cref="JsonException">It is none, or nests too deep.</exception>
    /// <exception cref="InvalidOperationException">A name or text holds half a character.</exception>
    public static int Count(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = RequestCaps.JsonDepth });
        int count = 0;
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
            {
                ReadText(in reader);
            }

            count += reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray ? 0 : 1;
        }

        return count;
    }

    /// <summary>Counts those of a part of a document; 0 where there is none.</summary>
    public static int Count(JsonElement json) =>
        json.ValueKind == JsonValueKind.Undefined ? 0 : Count(JsonMarshal.GetRawUtf8Value(json));

    /// <summary>Throws where it is half a character: only an escape can be.</summary>
    private static void ReadText(in Utf8JsonReader reader)
    {
        byte[] text = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }
}
