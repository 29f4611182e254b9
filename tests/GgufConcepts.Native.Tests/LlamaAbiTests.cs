using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace GgufConcepts.Native.Tests;

/// <summary>Holds every struct and enum that mirrors C to what a C compiler printed from the pinned headers.</summary>
public sealed partial class LlamaAbiTests
{
    public static TheoryData<string> Structs => [.. MirrorTypes().Where(type => !type.IsEnum).Select(type => type.Name)];

    public static TheoryData<string> Enums => [.. MirrorTypes().Where(type => type.IsEnum).Select(type => type.Name)];

    [Theory, MemberData(nameof(Structs))]
    public void Struct_InNative_HasTheLayoutOfTheHeader(string name)
    {
        HeaderFacts facts = HeaderFacts.Get();
        Type type = MirrorTypes().Single(type => type.Name == name);

        CStruct? expected = facts.FindStruct(CName(type));

        Assert.True(expected is not null, $"print_abi.c does not print {CName(type)}, which {name} mirrors; add it there.");
        Assert.Equal($"{name}: {expected}", $"{name}: {LayoutOf(type)}");
    }

    [Theory, MemberData(nameof(Enums))]
    public void Enum_InNative_HasTheValuesOfTheHeader(string name)
    {
        HeaderFacts facts = HeaderFacts.Get();
        Type type = MirrorTypes().Single(type => type.Name == name);

        CEnum? expected = facts.FindEnum(CName(type));

        Assert.True(expected is not null, $"print_abi.c does not print {CName(type)}, which {name} mirrors; add it there.");
        Assert.Equal(sizeof(int), SizeOf(Enum.GetUnderlyingType(type)));
        Assert.Equal(Lines(WithoutPrefix(expected)), Lines(ValuesOf(type)));
    }

    [Fact]
    public void MirrorTypes_OfNative_HoldThePassedByValue()
    {
        Type[] passedByValue = [typeof(LlamaBatch), typeof(LlamaModelParams), typeof(LlamaContextParams)];
        Assert.Empty(passedByValue.Except(MirrorTypes()));
    }

    // A struct without a public field (LlamaModelSettings) is ours, not a mirror.
    private static IEnumerable<Type> MirrorTypes() =>
        from type in typeof(LlamaBatch).Assembly.GetTypes()
        where type == typeof(ComputeDeviceKind) || MirrorName().IsMatch(type.Name)
        where type.IsEnum || (type.IsValueType && type.GetFields(BindingFlags.Instance | BindingFlags.Public).Length > 0)
        select type;

    [GeneratedRegex("^(Llama|Ggml)[A-Z]")]
    private static partial Regex MirrorName();

    [GeneratedRegex("(?<=.)(?=[A-Z])")]
    private static partial Regex WordStart();

    // LlamaBatch -> llama_batch
    private static string CName(Type type) => type.Name switch
    {
        nameof(ComputeDeviceKind) => "ggml_backend_dev_type",
        string name => WordStart().Replace(name, "_").ToLowerInvariant(),
    };

    private static CStruct LayoutOf(Type type) => new(
        SizeOf(type),
        [
            .. from field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
               orderby field.MetadataToken // the order of declaration
               select new CField(field.Name, OffsetOf(field), SizeOf(field.FieldType), KindOf(field.FieldType)),
        ]);

    private static string KindOf(Type type) => type == typeof(float) || type == typeof(double) ? "float" : "other";

    // Marshal.SizeOf and OffsetOf describe the marshalled struct; calls pass the managed one, so IL is asked about
    // that.
    private static int SizeOf(Type type) =>
        type.IsPointer || type.IsFunctionPointer ? IntPtr.Size : Evaluate(il => il.Emit(OpCodes.Sizeof, type));

    private static int OffsetOf(FieldInfo field) => Evaluate(il =>
    {
        LocalBuilder value = il.DeclareLocal(field.DeclaringType!);
        il.Emit(OpCodes.Ldloca, value);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldloca, value);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
    });

    private static int Evaluate(Action<ILGenerator> expression)
    {
        DynamicMethod method = new("Evaluate", typeof(int), [], typeof(LlamaAbiTests).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        expression(il);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }

    // GGML_TYPE_Q8_0 -> Q80: C# spells Q8_0 as C does, and MMAP_MLOCK as MmapMlock
    private static IEnumerable<KeyValuePair<string, int>> WithoutPrefix(CEnum values)
    {
        string first = values.Values.Keys.First();
        int common = Enumerable.Range(0, first.Length).First(at => values.Values.Keys.Any(key => key[at] != first[at]));
        int prefix = first.LastIndexOf('_', common - 1) + 1;
        return from value in values.Values
               let name = value.Key[prefix..]
               where name is not ("COUNT" or "MAX_VALUE")
               select KeyValuePair.Create(name, value.Value);
    }

    private static IEnumerable<KeyValuePair<string, int>> ValuesOf(Type type) =>
        from name in Enum.GetNames(type)
        select KeyValuePair.Create(name, Convert.ToInt32(Enum.Parse(type, name), CultureInfo.InvariantCulture));

    private static IEnumerable<string> Lines(IEnumerable<KeyValuePair<string, int>> values) =>
        from value in values
        orderby value.Value
        select $"{value.Key.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant()} = {value.Value}";
}
