using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GgufConcepts.Gguf;

namespace GgufConcepts.Models;

/// <summary>Keeps ridge maps from run to run, each under the hash of the two tables it was made of.</summary>
/// <remarks>A file that is missing or damaged is made anew; one that cannot be written is not missed: the map is the same,
/// it only takes its time again.</remarks>
internal static class RidgeMapCache
{
    private const string FolderVariable = "GGUFCONCEPTS_CACHE_DIR";
    private const int HashBytes = 32;
    private const int HashChunk = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "GGCRidg1"u8; // then the two widths, the values, their hash

    /// <summary>The folder: that of the environment variable, or the user's.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named
        ? named
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "ggufconcepts");

    /// <summary>The map of two tables, read or computed.</summary>
    /// <param name="input">The input table.</param>
    /// <param name="output">The output head.</param>
    /// <param name="folder">Where maps are kept.</param>
    public static RidgeMap GetOrCompute(GgufTensor input, GgufTensor output, string folder)
    {
        string path = Path.Combine(folder, $"realign-{Hash(input, output)}.bin");
        if (TryRead(path, checked((int)output.Width), checked((int)input.Width)) is { } known)
        {
            return known;
        }

        RidgeMap map = RidgeMap.Compute(input, output);
        TryWrite(path, map);
        return map;
    }

    private static string Hash(GgufTensor input, GgufTensor output)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[HashChunk];
        foreach (GgufTensor tensor in (GgufTensor[])[input, output])
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.ToString()));
            for (long at = 0; at < tensor.ByteLength; at += chunk.Length)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, tensor.ByteLength - at));
                tensor.CopyBytes(at, part);
                hash.AppendData(part);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static RidgeMap? TryRead(string path, int hiddenWidth, int vectorWidth)
    {
        try
        {
            FileInfo file = new(path);
            long values = (long)hiddenWidth * vectorWidth * sizeof(float);
            if (!file.Exists || file.Length != Magic.Length + 8 + values + HashBytes)
            {
                return null;
            }

            byte[] bytes = File.ReadAllBytes(path);
            ReadOnlySpan<byte> body = bytes.AsSpan(0, bytes.Length - HashBytes);
            float[] map = MemoryMarshal.Cast<byte, float>(body[(Magic.Length + 8)..]).ToArray();
            return body.StartsWith(Header(hiddenWidth, vectorWidth))
                && SHA256.HashData(body).AsSpan().SequenceEqual(bytes.AsSpan(body.Length))
                && TensorPrimitives.IsFiniteAll<float>(map)
                    ? new RidgeMap(hiddenWidth, vectorWidth, map)
                    : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void TryWrite(string path, RidgeMap map)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] body = [.. Header(map.HiddenWidth, map.VectorWidth), .. MemoryMarshal.AsBytes(map.Values)];
            AtomicFile.Write(path, stream =>
            {
                stream.Write(body);
                stream.Write(SHA256.HashData(body));
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // no room, or no right to write there: nothing is lost but time
        }
    }

    private static byte[] Header(int hiddenWidth, int vectorWidth)
    {
        byte[] header = new byte[Magic.Length + 8];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(Magic.Length), hiddenWidth);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(Magic.Length + 4), vectorWidth);
        return header;
    }
}
