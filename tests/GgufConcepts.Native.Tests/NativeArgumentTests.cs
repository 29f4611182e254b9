using GgufConcepts.Testing.PublicApi;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<object?>;

namespace GgufConcepts.Native.Tests;

/// <summary>What a caller can get wrong: each is an exception that names the parameter, in this process.</summary>
/// <remarks>Models and contexts are no part of the public API: what callers of decoders get wrong is in
/// <c>DecoderContract</c>.</remarks>
public sealed class NativeArgumentTests
{
    private static readonly ArgumentTable<object?> s_table = new(typeof(LlamaLibrary).Assembly,
    [
        .. Row.Each("GgmlTypes.Layout(type)", [-1, 4, 999], (_, type) => GgmlTypes.Layout((GgmlType)type)),
        .. Row.Each("GgmlTypes.Dequantize(type)", [-1, 999], (_, type) => Dequantize((GgmlType)type, 34, 32)),
        new("GgmlTypes.Dequantize(type)", "of plain numbers", _ => Dequantize(GgmlType.I32, 4, 1)),
        .. Row.Each("GgmlTypes.Dequantize(row)", [0, 33, 68], (_, bytes) => Dequantize(GgmlType.Q8_0, bytes, 32)),
        .. Row.Each("GgmlTypes.Dequantize(destination)", [0, 31, 33], (_, numbers) => Dequantize(GgmlType.Q8_0, 34, numbers)),
        .. Row.Each("GgmlTypes.Quantize(type)", [-1, 999], (_, type) => Quantize((GgmlType)type, 32, 1, 34)),
        new("GgmlTypes.Quantize(type)", "of plain numbers", _ => Quantize(GgmlType.I32, 1, 1, 4)),
        new("GgmlTypes.Quantize(type)", "that needs an importance matrix", _ => Quantize(GgmlType.IQ2_XXS, 256, 1, 66)),
        .. Row.Each("GgmlTypes.Quantize(rows)", [0, 31, 65], (_, numbers) =>
            Quantize(GgmlType.Q8_0, numbers, 1, numbers / 32 * 34)),
        .. from type in (GgmlType[])[GgmlType.IQ2_S, GgmlType.IQ3_S, GgmlType.IQ3_XXS]
           from number in (float[])[float.NaN, float.NegativeInfinity, 1e14f] // over which llama.cpp would end the process
           select new Row("GgmlTypes.Quantize(rows)", $"{number} as {type}", _ => Quantize(type, number)),
        new("GgmlTypes.Quantize(rows)", "one and a half", _ => Quantize(GgmlType.Q8_0, 96, 2, 102)),
        .. Row.Each("GgmlTypes.Quantize(rowCount)", [0, -1], (_, count) => Quantize(GgmlType.Q8_0, 32, count, 34)),
        .. Row.Each("GgmlTypes.Quantize(destination)", [0, 33, 68], (_, bytes) => Quantize(GgmlType.Q8_0, 32, 1, bytes)),
        .. Row.Each("OwnMemory.Limit(bytes)", [0, -1], (_, bytes) => OwnMemory.Limit(bytes)),
        Row.None("GgmlTypes.HoldsWeights(type)", "a question, answered with no"),
        Row.None("GgmlTypes.CanDequantize(type)", "a question, answered with no"),
        Row.None("GgmlTypes.CanQuantize(type)", "a question, answered with no"),
    ]);

    private static readonly NullArguments s_nulls = new(typeof(LlamaLibrary).Assembly, _ => null);

    public static TheoryData<string> Names => [.. s_table.Names];

    public static TheoryData<string> NullKeys => [.. s_nulls.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name) => s_table.Check(name, with: null);

    [Theory, MemberData(nameof(NullKeys))]
    public void Call_Null_NamesTheParameter(string key) => s_nulls.Check(key);

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason() => Assert.Empty(s_table.FindGaps());

    private static void Dequantize(GgmlType type, int bytes, int numbers) =>
        GgmlTypes.Dequantize(type, new byte[bytes], new float[numbers]);

    private static void Quantize(GgmlType type, int numbers, int rowCount, int bytes) =>
        GgmlTypes.Quantize(type, new float[numbers], rowCount, new byte[bytes]);

    private static void Quantize(GgmlType type, float number) =>
        GgmlTypes.Quantize(type, Enumerable.Repeat(number, 256).ToArray(), 1, new byte[GgmlTypes.Layout(type).BlockBytes]);
}
