using GgufConcepts.Gguf;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

/// <summary>Honest weights are read to the bit; lies are refused with the file's name and the reason.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>What is wrong, the file, and words of the message.</summary>
    public static TheoryData<string, byte[], string> Lies { get; } = Table();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CopyNumbers_AnyPart_EqualsWhatWasWritten()
    {
        float[] first = [1, -2.5f, float.Epsilon, float.MaxValue, 5, 6];
        using SafetensorsFile file = Open(RawSafetensors.Of(("a", [2, 3], first), ("b", [1], [7])));
        Assert.Equal(["a", "b"], file.Tensors.Keys.Order());
        Assert.Equal([2L, 3L], file.Tensors["a"].Shape);

        float[] part = new float[4];
        file.CopyNumbers(file.Tensors["a"], 1, part);
        Assert.Equal(first[1..5], part);
        file.CopyNumbers(file.Tensors["b"], 0, part.AsSpan(0, 1));
        Assert.Equal(7, part[0]);
    }

    [Fact]
    public void CopyNumbers_Half_IsWidened()
    {
        byte[] halves = [.. BitConverter.GetBytes((Half)0.1f), .. BitConverter.GetBytes(Half.MinValue)];
        string header = $$"""{"__metadata__":{"by":"hand"},{{RawSafetensors.Entry("h", "F16", "2", 0, 4)}}} """;
        using SafetensorsFile file = Open(RawSafetensors.Of(header, halves));
        float[] numbers = new float[2];
        file.CopyNumbers(Assert.Single(file.Tensors).Value, 0, numbers);
        Assert.Equal([(float)(Half)0.1f, -65504], numbers);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 3)]
    [InlineData(2, 1)]
    [InlineData(long.MaxValue, 1)]
    public void CopyNumbers_OutOfRange_Throws(long first, int count)
    {
        using SafetensorsFile file = Open(RawSafetensors.Of(("a", [2], [1, 2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyNumbers(file.Tensors["a"], first, new float[count]));
    }

    [Theory, MemberData(nameof(Lies), DisableDiscoveryEnumeration = true)]
    public void Open_Lie_IsRefusedWithTheReason(string lie, byte[] bytes, string expected)
    {
        GgufException refused = Assert.Throws<GgufException>(() => Open(bytes).Dispose());
        Assert.True(refused.Message.Contains(expected, StringComparison.Ordinal), $"{lie}: {refused.Message}");
        Assert.Contains("lie.safetensors", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Any damage ends in an exception of ours or in a file that reads within its bounds.</summary>
    [Fact]
    public void Open_RandomDamage_NeverFailsOtherwise()
    {
        byte[] whole = RawSafetensors.Of(("a", [2, 3], new float[6]), ("b", [1], [7]));
        Random random = new(5);
        int taken = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. whole[..random.Next(whole.Length - 20, whole.Length + 1)]];
            for (int j = random.Next(3); j > 0; j--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using SafetensorsFile file = Open(damaged);
                foreach (SafetensorsTensor tensor in file.Tensors.Values)
                {
                    file.CopyNumbers(tensor, 0, new float[tensor.ElementCount]);
                }

                taken++;
            }
            catch (GgufException)
            {
                // as it should be
            }
        }

        Assert.InRange(taken, 1, 999);
    }

    private static TheoryData<string, byte[], string> Table()
    {
        static byte[] One(string type, string shape, long begin, long end, int bytes) =>
            RawSafetensors.Of($"{{{RawSafetensors.Entry("w", type, shape, begin, end)}}}", new byte[bytes]);
        static byte[] Two(long begin, long end, int bytes) => RawSafetensors.Of(
            $"{{{RawSafetensors.Entry("v", "F32", "2", 0, 8)},{RawSafetensors.Entry("w", "F32", "2", begin, end)}}}",
            new byte[bytes]);
        static byte[] Header(string header) => RawSafetensors.Of(header, []);
        return new()
        {
            { "three bytes", [1, 0, 0], "has 3 bytes" },
            { "a header of 2^64-1", [.. Enumerable.Repeat((byte)255, 8), 123, 125], "claims a header of 18446744073709551615" },
            { "a header longer than the file", [3, 0, 0, 0, 0, 0, 0, 0, 123, 125], "claims a header of 3 bytes, and 2 follow" },
            { "an empty header", new byte[8], "no JSON" },
            { "no JSON", Header("{]"), "no JSON" },
            { "a name of no UTF-8", RawSafetensors.Of([123, 34, 0xc6, 34, 58, 49, 125], []), "no JSON" },
            { "two documents", Header("{}{}"), "no JSON" },
            { "a list", Header("[]"), "is Array, not an object" },
            { "a tensor that is a number", Header("""{"w":1}"""), "describes w without" },
            { "no shape", Header("""{"w":{"dtype":"F32","data_offsets":[0,0]}}"""), "describes w without" },
            { "a type that is a number", Header("""{"w":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}"""), "describes w without" },
            { "three offsets", Header("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"""), "describes w without" },
            { "half a size", One("F32", "1.5", 0, 6, 6), "describes w without" },
            { "a negative size", One("F32", "-1", 0, 4, 4), "describes w without" },
            { "a size of 2^64", One("F32", "18446744073709551616", 0, 4, 4), "describes w without" },
            { "a name twice", Header("""{"w":1,"w":1}"""), "no JSON" },
            { "bfloat16", One("BF16", "2", 0, 4, 4), "stores w as BF16; only F32 and F16" },
            { "no numbers", One("F32", "2,0", 0, 0, 0), "the shape [2, 0]" },
            { "a scalar", One("F32", "", 0, 4, 4), "the shape []" },
            { "five dimensions", One("F32", "1,1,1,1,1", 0, 4, 4), "the shape [1, 1, 1, 1, 1]" },
            { "a shape of 2^64", One("F32", "4294967296,4294967296", 0, 0, 0), "overflows at 4294967296" },
            { "too few bytes", One("F32", "2", 0, 4, 4), "the bytes 0 to 4; its type and shape need 8" },
            { "a backward place", One("F32", "1", 4, 0, 4), "the bytes 4 to 0" },
            { "a place behind the end", One("F32", "2", 0, 8, 7), "up to byte 8 of 7" },
            { "a place far away", One("F32", "1", long.MaxValue - 4, long.MaxValue, 4), "up to byte" },
            { "a gap", Two(12, 20, 20), "places w at byte" },
            { "an overlap", Two(4, 12, 12), "places w at byte" },
            { "bytes left over", One("F32", "1", 0, 4, 5), "the last tensor ends at" },
        };
    }

    private SafetensorsFile Open(byte[] bytes)
    {
        string path = _folder.File("lie.safetensors");
        File.WriteAllBytes(path, bytes);
        return SafetensorsFile.Open(path);
    }
}
