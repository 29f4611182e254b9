using GgufConcepts.Gguf;

namespace GgufConcepts.Testing.Hostile;

/// <summary>The kinds of llama.cpp's tests/test-gguf.cpp, under its names for them. Those that it takes for sound hold no
/// model, and are refused here for that.</summary>
public static partial class HostileFiles
{
    private const string NoModel = "has no general.architecture";
    private const uint I64 = 27; // enum ggml_type
    private const uint I8 = 24;

    private static RawGguf OneSetting => RawGguf.Head(settings: 1);

    private static RawGguf OneTensor => RawGguf.Head(tensors: 1);

    /// <summary>A file whose only setting is the alignment.</summary>
    private static RawGguf Aligned(uint alignment, ulong tensors = 0) =>
        RawGguf.Head(tensors, settings: 1).Setting("general.alignment", alignment);

    private static RawGguf TwoTensors(ulong secondOffset) =>
        RawGguf.Head(tensors: 2).Tensor("a", [4]).Tensor("b", [4], offset: secondOffset).Numbers(64);

    private static IEnumerable<HostileFile> LlamaCpp() =>
    [
        HostileFile.Of("HEADER_BAD_MAGIC", "not a GGUF file: begins with \"FUGG", RawGguf.Head(magic: "FUGG")),
        HostileFile.Of("HEADER_BAD_VERSION_0", "version is 0", RawGguf.Head(version: 0)),
        HostileFile.Of("HEADER_BAD_VERSION_1", "version is 1", RawGguf.Head(version: 1)),
        HostileFile.Of("HEADER_BAD_VERSION_FUTURE", "version is 4", RawGguf.Head(version: 4)),
        HostileFile.Of("HEADER_BAD_N_TENSORS", $"claims {Most} tensors", RawGguf.Head(tensors: Most)),
        HostileFile.Of("HEADER_BAD_N_KV", $"claims {Most} settings", RawGguf.Head(settings: Most)),
        HostileFile.Of("HEADER_EMPTY", NoModel, RawGguf.Head()),
        HostileFile.Of("KV_BAD_KEY_SIZE", $"a length of {Most} bytes", OneSetting.Write(Most).Write(0UL)),
        HostileFile.Of("KV_EMPTY_KEY", "the key of setting 1 of 1 is empty", OneSetting.Setting("", 1)),
        HostileFile.Of("KV_BAD_TYPE", "(my_key) is of type 13", OneSetting.Text("my_key").Write(13u).Write(1u)),
        HostileFile.Of(
            "KV_DUPLICATE_KEY", "the key is there twice", RawGguf.Head(settings: 2).Setting("my_key", 1).Setting("my_key", 1)),
        HostileFile.Of("KV_BAD_ALIGN", "general.alignment is 13", Aligned(13)),
        HostileFile.Of(
            "KV_WRONG_TYPE_ALIGN",
            "general.alignment is of type Int32",
            OneSetting.Text("general.alignment").Write((uint)GgufValueType.Int32).Write(32u)),
        HostileFile.Of("KV_SUCCESS", NoModel, OneSetting.Setting("my_key", 1)),
        HostileFile.Of(
            "TENSORS_BAD_NAME_SIZE", "the most is 63", OneTensor.Tensor("my_tensor" + new string('w', 60), [4]).Numbers(32)),
        HostileFile.Of("TENSORS_BAD_N_DIMS", "has 5 dimensions", OneTensor.Tensor("w", [1, 1, 1, 1, 1]).Numbers(32)),
        HostileFile.Of("TENSORS_BAD_SHAPE", "the shape overflows", OneTensor.Tensor("w", [Most]).Numbers(32)),
        HostileFile.Of("TENSORS_ZERO_DIM", "dimension 1 is 0", OneTensor.Tensor("w", [0]).Numbers(32)),
        HostileFile.Of(
            "TENSORS_NE_TOO_BIG", "the shape overflows", OneTensor.Tensor("w", [1UL << 32, 1UL << 32]).Numbers(32)),
        HostileFile.Of(
            "TENSORS_NBYTES_TOO_BIG", "bytes are missing", OneTensor.Tensor("w", [1UL << 61], I64).Numbers(32)),
        HostileFile.Of("TENSORS_BAD_TYPE", "stored as type 43", OneTensor.Tensor("w", [4], type: 43).Numbers(32)),
        HostileFile.Of("TENSORS_BAD_OFFSET", "begins at 96", OneTensor.Tensor("w", [4], offset: 96).Numbers(128)),
        HostileFile.Of(
            "TENSORS_DUPLICATE_NAME",
            "the name is there twice",
            RawGguf.Head(tensors: 2).Tensor("w", [4]).Tensor("w", [4], offset: 32).Numbers(64)),
        HostileFile.Of(
            "TENSORS_BAD_ALIGN", "general.alignment is 13", Aligned(13, tensors: 1).Tensor("w", [4]).Numbers(32)),
        HostileFile.Of("TENSORS_INCONSISTENT_ALIGN", "begins at 16, no multiple of the alignment", TwoTensors(16)),
        HostileFile.Of("TENSORS_SUCCESS", NoModel, OneTensor.Tensor("w", [4]).Numbers(32)),
        HostileFile.Of(
            "TENSORS_CUSTOM_ALIGN",
            "general.alignment is 1; it must be a power of two from 32",
            Aligned(1, tensors: 1).Tensor("w", [4]).Numbers(32)),
        HostileFile.Of("DATA_NOT_ENOUGH_DATA", "1 bytes are missing", OneTensor.Tensor("w", [8]).Numbers(31)),
        HostileFile.Of(
            "DATA_BAD_ALIGN", "general.alignment is 13", Aligned(13, tensors: 1).Tensor("w", [8]).Numbers(32)),
        HostileFile.Of("DATA_INCONSISTENT_ALIGN", "begins at 96, and the one before it ends at 32", TwoTensors(96)),
        HostileFile.Of(
            "DATA_MEM_SIZE_OVERFLOW",
            "bytes are missing",
            RawGguf.Head(tensors: 2).Tensor("a", [0x7FFFFFFFFFFFFFC0], I8)
                .Tensor("b", [0x7FFFFFFFFFFFFFC0], I8, offset: 0x7FFFFFFFFFFFFFC0).Numbers(64)),
        HostileFile.Of("DATA_SUCCESS", NoModel, OneTensor.Tensor("w", [8]).Numbers(32)),
        HostileFile.Of(
            "DATA_CUSTOM_ALIGN", NoModel, Aligned(64, tensors: 1).Tensor("w", [8]).Numbers(64, alignment: 64)),
    ];
}
