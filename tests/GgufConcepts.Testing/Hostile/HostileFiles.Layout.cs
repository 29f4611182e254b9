using GgufConcepts.Gguf;

namespace GgufConcepts.Testing.Hostile;

/// <summary>Heads, keys, lists and tensors of which nothing can be read, and files that were cut.</summary>
public static partial class HostileFiles
{
    private static readonly byte[] s_noUtf8 = [0xff, 0xfe];

    private static IEnumerable<HostileFile> Layout() =>
    [
        HostileFile.Of("big-endian", "the file is big-endian (version 3)", RawGguf.Head(version: 0x03000000)),
        HostileFile.Of("16,385 settings", "claims 16385 settings; the most is 16384", RawGguf.Head(settings: 16_385)),
        HostileFile.Of("16,385 tensors", "claims 16385 tensors; the most is 16384", RawGguf.Head(tensors: 16_385)),
        HostileFile.Of(
            "more settings than bytes",
            "claims 10000 settings, and only",
            RawGguf.Head(settings: 10_000).Setting("a", 1)),
        HostileFile.Of(
            "more tensors than bytes",
            "claims 10000 tensors, and only",
            RawGguf.Head(tensors: 10_000).Tensor("w", [4])),
        HostileFile.Of("key of 65,536 bytes", "the most is 1024", OneSetting.Setting(new string('k', 65_536), 1)),
        HostileFile.Of("key of 1,025 bytes", "the most is 1024", OneSetting.Setting(new string('k', 1025), 1)),
        HostileFile.Of(
            "key that shadows another in C", "control character", OneSetting.Setting("general.architecture\0x", 1)),
        HostileFile.Of("key with a line break", "control character", OneSetting.Setting("a\nb", 1)),
        HostileFile.Of("key of no UTF-8", "not valid UTF-8", OneSetting.Text(s_noUtf8).Write(4u).Write(1u)),
        HostileFile.Of("text of 17 MiB", "the most is 16777216", OneSetting.Text("a").Write(8u).Write(17UL << 20)),
        HostileFile.Of(
            "text of 2^63 bytes", "a length of 9223372036854775808", OneSetting.Text("a").Write(8u).Write(1UL << 63)),
        HostileFile.Of(
            "text longer than the file", "needs 900 bytes", OneSetting.Text("a").Write(8u).Write(900UL).Write(0UL)),
        HostileFile.Of("list of lists", "array of arrays", OneSetting.Array("a", GgufValueType.Array, 1)),
        HostileFile.Of("list of type 99", "is of type 99", OneSetting.Array("a", (GgufValueType)99, 1)),
        HostileFile.Of("list of 2^64 - 1", $"claims {Most} elements", OneSetting.Array("a", GgufValueType.UInt8, Most)),
        HostileFile.Of(
            "list of 3 Mi + 1", "claims 3145729 elements; the most is 3145728", OneSetting.Array("a", GgufValueType.Bool, 3_145_729)),
        HostileFile.Of(
            "lists of 3 Mi + 1 in all",
            "(b) claims 1 elements after 3145728 before it; the most is 3145728",
            RawGguf.Head(settings: 2)
                .Array("a", GgufValueType.Bool, 3_145_728).Write(new byte[3_145_728])
                .Array("b", GgufValueType.Bool, 1).Write([0])),
        HostileFile.Of(
            "list longer than the file",
            "needs 8000 bytes",
            OneSetting.Array("a", GgufValueType.UInt64, 1000).Write(0UL)),
        HostileFile.Of(
            "more texts than bytes", "missing", OneSetting.Array("a", GgufValueType.String, 1000).Write(0UL)),
        HostileFile.Of(
            "text of 2^64 - 1 in a list",
            $"a length of {Most}",
            OneSetting.Array("a", GgufValueType.String, 1).Write(Most)),
        HostileFile.Of("16,000 settings that nobody reads", null, Plain,
            [.. Enumerable.Range(0, 16_000).Select(i => ($"of_no_use.{i}", (object?)1))]),
        HostileFile.Of("3 Mi numbers that nobody reads", null, Plain, ("of_no_use", new int[3_000_000])),
        new HostileFile("64 MiB of settings", "the settings and names take more than 67108864 bytes", LongSettings),
        new HostileFile("64 MiB in one list", "the settings and names take more than 67108864 bytes", LongTexts),
        HostileFile.Of("alignment 0", "general.alignment is 0", Aligned(0)),
        HostileFile.Of("alignment 8", "general.alignment is 8", Aligned(8)),
        HostileFile.Of("alignment 16", "general.alignment is 16", Aligned(16)),
        HostileFile.Of("alignment 48", "general.alignment is 48", Aligned(48)),
        HostileFile.Of("alignment 131,072", "general.alignment is 131072", Aligned(131_072)),
        HostileFile.Of("alignment 2^31", "general.alignment is 2147483648", Aligned(1u << 31)),
        HostileFile.Of("no dimensions", "(w) has 0 dimensions", OneTensor.Tensor("w", []).Numbers(32)),
        HostileFile.Of(
            "2^32 - 1 dimensions",
            "has 4294967295 dimensions",
            OneTensor.Text("w").Write(uint.MaxValue).Write(new byte[32])),
        HostileFile.Of(
            "4 x 2^62",
            "the shape overflows",
            OneTensor.Tensor("w", [1UL << 62, 1UL << 62, 1UL << 62, 1UL << 62]).Numbers(32)),
        HostileFile.Of("last dimension 0", "dimension 4 is 0", OneTensor.Tensor("w", [4, 4, 4, 0]).Numbers(32)),
        HostileFile.Of("2^62 numbers", "bytes are missing", OneTensor.Tensor("w", [1UL << 62]).Numbers(32)),
        HostileFile.Of("type that was dropped", "stored as type 4", OneTensor.Tensor("w", [32], type: 4).Numbers(32)),
        HostileFile.Of(
            "type 2^32 - 1", "stored as type 4294967295", OneTensor.Tensor("w", [32], type: uint.MaxValue).Numbers(32)),
        HostileFile.Of("row of 33 in Q8_0", "no multiple of 32", OneTensor.Tensor("w", [33], type: 8).Numbers(64)),
        HostileFile.Of("row of 128 in Q4_K", "no multiple of 256", OneTensor.Tensor("w", [128], type: 12).Numbers(144)),
        HostileFile.Of("empty name", "the name of tensor 1 of 1 is empty", OneTensor.Tensor("", [4]).Numbers(32)),
        HostileFile.Of("name with a zero", "control character", OneTensor.Tensor("w\0x", [4]).Numbers(32)),
        HostileFile.Of(
            "offset 2^64 - 32", $"begins at {Most - 31}", OneTensor.Tensor("w", [4], offset: Most - 31).Numbers(64)),
        HostileFile.Of("tensors over each other", "begins at 0, and the one before it ends at 32", TwoTensors(0)),
        HostileFile.Of(
            "tensors in another order",
            "begins at 32, and the one before it ends at 0",
            RawGguf.Head(tensors: 2).Tensor("b", [4], offset: 32).Tensor("a", [4]).Numbers(64)),
    ];

    /// <summary>A model cut where one of its parts ends, and within it.</summary>
    private static IEnumerable<HostileFile> Cuts() =>
    [
        Cut("cut within the magic number", "not a GGUF file", _ => 3),
        Cut("cut after the magic number", "the version needs 4 bytes and 0 are left", _ => 4),
        Cut("cut within the version", "the version needs 4 bytes and 2 are left", _ => 6),
        Cut("cut after the version", "the number of tensors needs 8 bytes", _ => 8),
        Cut("cut after the number of tensors", "only 0 bytes follow", _ => 16),
        Cut("cut within the number of settings", "only 7 bytes follow", _ => 23),
        Cut("cut after the number of settings", "only 8 bytes follow", _ => 24),
        Cut("cut within the settings", "missing", model => (int)(model.Tensors[0].Offset / 3)),
        Cut("cut within the list of tensors", "missing", model => (int)model.Tensors[0].Offset - 100),
        Cut(
            "cut before the first tensor",
            "tensor token_embd.weight ends at byte",
            model => (int)model.Tensors[0].Offset),
        Cut(
            "cut after the first tensor",
            "tensor output_norm.weight ends at byte",
            model => (int)model.Tensors[1].Offset),
        Cut("cut within the last tensor", "bytes are missing", model => (int)model.Tensors[^1].Offset + 1),
    ];

    private static HostileFile Cut(string name, string refusal, Func<GgufModelFile, int> place) => new(name, refusal, path =>
    {
        string whole = TinyModels.Path(TinyArchitecture.Qwen2);
        using GgufModelFile model = GgufModelFile.Open(whole);
        File.WriteAllBytes(path, File.ReadAllBytes(whole)[..place(model)]);
        return path;
    });

    /// <summary>Five texts of 16 MiB, all of them zero: a file with holes, which takes no room.</summary>
    private static string LongSettings(string path) => WithHoles(path, file =>
    {
        file.Write(RawGguf.Head(settings: 5).ToArray());
        for (char key = 'a'; key <= 'e'; key++)
        {
            file.Write(RawGguf.Part(part => part.Text([(byte)key]).Write((uint)GgufValueType.String)));
            SkipText(file);
        }
    });

    /// <summary>A list of a million texts of 16 MiB, of which a few are there.</summary>
    private static string LongTexts(string path) => WithHoles(path, file =>
    {
        file.Write(RawGguf.Head(settings: 1).Array("a", GgufValueType.String, 1 << 20).ToArray());
        for (int i = 0; i < 100; i++)
        {
            SkipText(file);
        }
    });

    private static string WithHoles(string path, Action<FileStream> write)
    {
        using FileStream file = File.Create(path);
        write(file);
        file.SetLength(file.Position);
        return path;
    }

    private static void SkipText(FileStream file)
    {
        const long longest = 16 << 20;
        file.Write(BitConverter.GetBytes(longest));
        file.Position += longest;
    }
}
