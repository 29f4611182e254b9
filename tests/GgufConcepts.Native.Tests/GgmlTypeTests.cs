namespace GgufConcepts.Native.Tests;

public sealed unsafe class GgmlTypeTests
{
    public static TheoryData<GgmlType> Types => [.. Enum.GetValues<GgmlType>()];

    [Theory, MemberData(nameof(Types))]
    public void Layout_EveryType_IsGgmls(GgmlType type)
    {
        LlamaLibrary.EnsureLoaded();
        GgmlTypeTraits* traits = GgmlNative.ggml_get_type_traits(type);
        Assert.Equal(((int)traits->blck_size, (int)traits->type_size), GgmlTypes.Layout(type));
        Assert.Equal(type.ToString(), LlamaLibrary.Text(traits->type_name), ignoreCase: true);
    }

    [Theory, MemberData(nameof(Types))]
    public void HoldsWeights_EveryType_IsWhatGgmlReads(GgmlType type) =>
        Assert.Equal(GgmlTypes.CanDequantize(type), GgmlTypes.HoldsWeights(type));

    [Fact]
    public void Quantize_Dequantize_F32_KeepsEveryBit()
    {
        float[] row = [1.5f, -0f, float.NaN, float.Epsilon];
        byte[] stored = new byte[16];
        GgmlTypes.Quantize(GgmlType.F32, row, 1, stored);
        float[] read = new float[4];
        GgmlTypes.Dequantize(GgmlType.F32, stored, read);
        Assert.Equal(row.Select(BitConverter.SingleToInt32Bits), read.Select(BitConverter.SingleToInt32Bits));
    }
}
