using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_SettingsOfAllTypes_ReadBackInOrder()
    {
        GgufWriter writer = new();
        writer.Add("u8", (byte)200);
        writer.Add("i8", (sbyte)-100);
        writer.Add("u16", ushort.MaxValue);
        writer.Add("i16", short.MinValue);
        writer.Add("u32", uint.MaxValue);
        writer.Add("i32", int.MinValue);
        writer.Add("u64", ulong.MaxValue);
        writer.Add("i64", long.MinValue);
        writer.Add("f32", 1.5f);
        writer.Add("f64", Math.PI);
        writer.Add("yes", true);
        writer.Add("no", false);
        writer.Add("text", "Größe 概念");
        writer.Add("empty", "");
        writer.AddArray("numbers", [1, -2, 3]);
        writer.AddArray("fractions", [0.5f, float.PositiveInfinity]);
        writer.AddArray("truths", [true, false, true]);
        writer.AddArray("texts", ["a", "", "Ġthe"]);
        writer.AddArray("none", ReadOnlySpan<ulong>.Empty);
        using GgufFile file = WriteAndOpen(writer);

        GgufMetadata metadata = file.Metadata;
        Assert.Equal(3, file.Version);
        Assert.Equal(19, metadata.Entries.Count);
        Assert.Equal(["u8", "i8", "u16"], metadata.Entries.Take(3).Select(entry => entry.Key));
        Assert.Equal(200, Integer<byte>(metadata, "u8"));
        Assert.Equal(-100, Integer<int>(metadata, "i8"));
        Assert.Equal(ushort.MaxValue, Integer<int>(metadata, "u16"));
        Assert.Equal(short.MinValue, Integer<short>(metadata, "i16"));
        Assert.Equal(uint.MaxValue, Integer<long>(metadata, "u32"));
        Assert.Equal(int.MinValue, Integer<int>(metadata, "i32"));
        Assert.Equal(ulong.MaxValue, Integer<ulong>(metadata, "u64"));
        Assert.Equal(long.MinValue, Integer<long>(metadata, "i64"));
        Assert.True(metadata.TryGetFloat("f32", out double single) && single == 1.5);
        Assert.True(metadata.TryGetFloat("f64", out double twice) && twice == Math.PI);
        Assert.True(metadata.TryGetBool("yes", out bool yes) && yes);
        Assert.True(metadata.TryGetBool("no", out bool no) && !no);
        Assert.True(metadata.TryGetString("text", out string text) && text == "Größe 概念");
        Assert.True(metadata.TryGetString("empty", out string empty) && empty.Length == 0);
        Assert.Equal([1, -2, 3], ArrayOf(metadata, "numbers").ToIntegers<int>());
        Assert.Equal([0.5, double.PositiveInfinity], ArrayOf(metadata, "fractions").ToFloats());
        Assert.Equal([true, false, true], ArrayOf(metadata, "truths").ToBools());
        Assert.Equal(["a", "", "Ġthe"], ArrayOf(metadata, "texts").Strings());
        Assert.Empty(ArrayOf(metadata, "none").ToIntegers<ulong>());
        Assert.False(metadata.TryGetInteger("absent", out int _));
    }

    [Fact]
    public void TryGet_WrongTypeOrRange_ThrowsNamingKeyAndFile()
    {
        GgufWriter writer = new();
        writer.Add("text", "1");
        writer.Add("big", uint.MaxValue);
        writer.AddArray("numbers", [1, 2]);
        using GgufFile file = WriteAndOpen(writer);
        Action[] wrong =
        [
            () => file.Metadata.TryGetInteger("text", out int _),
            () => file.Metadata.TryGetInteger("big", out int _),
            () => file.Metadata.TryGetFloat("big", out _),
            () => file.Metadata.TryGetBool("big", out _),
            () => file.Metadata.TryGetString("numbers", out _),
            () => file.Metadata.TryGetArray("text", out _),
            () => ArrayOf(file.Metadata, "numbers").Strings(),
            () => ArrayOf(file.Metadata, "numbers").ToFloats(),
        ];
        Assert.All(wrong, action => Assert.Contains($"{file.Path}, byte ", Assert.Throws<GgufException>(action).Message));
    }

    [Theory]
    [InlineData(GgmlType.F32, 0)]
    [InlineData(GgmlType.F16, 1 / 1024.0)]
    [InlineData(GgmlType.BF16, 1 / 128.0)]
    [InlineData(GgmlType.Q8_0, 1 / 100.0)]
    [InlineData(GgmlType.Q4_0, 1 / 6.0)]
    public void Write_StoredType_MatchesADecodeByHand(GgmlType type, double error)
    {
        const int Width = 96;
        const int Rows = 5;
        float[] values = Noise(Width * Rows);
        GgufWriter writer = new();
        writer.AddTensor("odd", GgmlType.F32, [3], new float[] { 1, 2, 3 }); // so that padding matters
        writer.AddTensor("w", type, [Width, Rows], values);
        using GgufFile file = WriteAndOpen(writer);

        GgufTensor tensor = file.Tensors[1];
        Assert.Equal((type, (long)Width, (long)Rows), (tensor.Type, tensor.Width, tensor.RowCount));
        Assert.Equal(0, tensor.Offset % 32);
        byte[] stored = new byte[tensor.ByteLength];
        tensor.CopyBytes(0, stored);
        float[] decoded = [.. HandDecoder.Decode(type, stored)];
        Assert.Equal(values.Length, decoded.Length);
        float[] row = new float[Width];
        for (int r = 0; r < Rows; r++)
        {
            tensor.CopyRow(r, row);
            Assert.Equal(decoded[(r * Width)..((r + 1) * Width)], row);
        }

        for (int i = 0; i < values.Length; i++)
        {
            Assert.InRange(decoded[i] - values[i], -error, error); // the numbers are -1 to 1
        }
    }

    [Fact]
    public void Write_EveryTypeThatCanBeMade_ReadsBackClose()
    {
        GgmlType[] types = [.. Enum.GetValues<GgmlType>()
            .Where(type => type is not (GgmlType.IQ3_XXS or GgmlType.IQ3_S or GgmlType.IQ2_S)) // 5 s to build their grids
            .Where(GgmlTypes.CanQuantize)];
        Assert.Contains(GgmlType.Q6_K, types);
        float[] values = Noise(512 * 3);
        GgufWriter writer = new();
        foreach (GgmlType type in types)
        {
            writer.AddTensor($"{type}", type, [512, 3], values);
        }

        using GgufFile file = WriteAndOpen(writer);
        float[] row = new float[512];
        foreach (GgufTensor tensor in file.Tensors)
        {
            double product = 0, squares = 0;
            for (int r = 0; r < 3; r++)
            {
                tensor.CopyRow(r, row);
                product += row.Select((x, i) => (double)x * values[r * 512 + i]).Sum();
                squares += row.Sum(x => (double)x * x);
            }

            double cosine = product / Math.Sqrt(squares * values.Sum(x => (double)x * x));
            Assert.True(cosine > 0.7, $"{tensor}: cosine {cosine}");
        }
    }

    [Fact]
    public void Write_InChunks_AsksForWholeRowsInOrder()
    {
        const int Width = 1000;
        const int Rows = 700; // 700,000 numbers: three chunks
        long next = 0;
        GgufWriter writer = new();
        writer.AddTensor("w", GgmlType.F32, [Width, Rows], (first, rows) =>
        {
            Assert.Equal(next, first);
            Assert.Equal(0, rows.Length % Width);
            next += rows.Length;
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = first + i;
            }
        });
        using GgufFile file = WriteAndOpen(writer);
        Assert.Equal(Width * Rows, next);
        float[] row = new float[Width];
        file.Tensors[0].CopyRow(Rows - 1, row);
        Assert.Equal((Rows * Width) - 1, row[^1]);
    }

    [Fact]
    public void Write_FillThrows_LeavesTheOldFileAndNothingElse()
    {
        string path = _folder.File("model.gguf");
        File.WriteAllText(path, "old");
        GgufWriter writer = new();
        writer.AddTensor("w", GgmlType.F32, [4], (_, _) => throw new InvalidOperationException("no numbers"));
        Assert.Throws<InvalidOperationException>(() => writer.Write(path, TestContext.Current.CancellationToken));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void Write_NoSuchFolder_ThrowsNamingThePath()
    {
        string path = Path.Combine(_folder.Path, "absent", "model.gguf");
        GgufException problem = Assert.Throws<GgufException>(
            () => new GgufWriter().Write(path, TestContext.Current.CancellationToken));
        Assert.Contains(path, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_WrongArguments_Throws()
    {
        GgufWriter writer = new();
        writer.Add("key", 1);
        writer.AddTensor("w", GgmlType.F32, [4], new float[4]);
        Action[] wrong =
        [
            () => writer.Add("key", "again"),
            () => writer.Add("letter", 'x'),
            () => writer.Add("day", DayOfWeek.Friday),
            () => writer.Add("general.alignment", 48u),
            () => writer.Add("general.alignment", 64),
            () => writer.AddTensor("w", GgmlType.F32, [4], new float[4]),
            () => writer.AddTensor(new string('n', 64), GgmlType.F32, [4], new float[4]),
            () => writer.AddTensor("short", GgmlType.F32, [4], new float[3]),
            () => writer.AddTensor("block", GgmlType.Q8_0, [40], new float[40]),
            () => writer.AddTensor("nothing", GgmlType.F32, [0], Array.Empty<float>()),
            () => writer.AddTensor("flat", GgmlType.F32, [], new float[1]),
            () => writer.AddTensor("deep", GgmlType.F32, [1, 1, 1, 1, 1], new float[1]),
            () => writer.AddTensor("matrix", GgmlType.IQ2_XXS, [256], new float[256]),
            () => writer.AddStoredTensor("bytes", GgmlType.Q8_0, [32], new byte[33]),
        ];
        Assert.All(wrong, action => Assert.ThrowsAny<ArgumentException>(action));
    }

    [Fact]
    public void Write_LargerAlignment_IsKept()
    {
        GgufWriter writer = new();
        writer.Add("general.alignment", 256u);
        writer.AddTensor("a", GgmlType.F32, [1], new float[] { 7 });
        writer.AddTensor("b", GgmlType.F32, [1], new float[] { 8 });
        using GgufFile file = WriteAndOpen(writer);
        Assert.Equal(256, file.Alignment);
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % 256));
    }

    private static float[] Noise(int count)
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    private static T Integer<T>(GgufMetadata metadata, string key)
        where T : struct, System.Numerics.IBinaryInteger<T>
    {
        Assert.True(metadata.TryGetInteger(key, out T value));
        return value;
    }

    private static GgufArray ArrayOf(GgufMetadata metadata, string key)
    {
        Assert.True(metadata.TryGetArray(key, out GgufArray array));
        return array;
    }

    private GgufFile WriteAndOpen(GgufWriter writer)
    {
        string path = _folder.File("model.gguf");
        writer.Write(path, TestContext.Current.CancellationToken);
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
        return GgufFile.Open(path);
    }
}
