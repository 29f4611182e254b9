using System.IO.Compression;
using NATS.Client.Core;

namespace GgufConcepts.Nats;

/// <summary>Results as messages: packed where that saves something.</summary>
internal static class NatsContent
{
    private const string Encoding = "Content-Encoding", Packed = "gzip";
    private const int WorthPacking = 2048; // bytes

    public static (byte[] Content, NatsHeaders? Headers) Pack(ReadOnlyMemory<byte> line)
    {
        if (line.Length < WorthPacking)
        {
            return (line.ToArray(), null);
        }

        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(line.Span);
        }

        return (packed.ToArray(), new NatsHeaders { [Encoding] = Packed });
    }

    /// <exception cref="InvalidDataException">It is not what it says.</exception>
    public static ReadOnlyMemory<byte> Unpack(byte[] content, NatsHeaders? headers)
    {
        if (headers is null || !headers.TryGetValue(Encoding, out Microsoft.Extensions.Primitives.StringValues encoding) || encoding != Packed)
        {
            return content;
        }

        using GZipStream gzip = new(new MemoryStream(content), CompressionMode.Decompress);
        using MemoryStream line = new();
        gzip.CopyTo(line);
        return line.ToArray();
    }
}
