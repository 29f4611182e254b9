namespace GgufConcepts.Gguf.Rules;

/// <summary>The types that llama.cpp reads a setting in; it takes no other, not even a wider number.</summary>
internal enum SettingKind
{
    Text,

    /// <summary>A text that names something, of at most <see cref="SettingTypeRule.MaxNameBytes"/>.</summary>
    Name,
    Truth,
    UInt16,
    UInt32,
    Int32,
    Float32,

    /// <summary>One number, or one for each layer (which may be truth values).</summary>
    UInt32PerLayer,
    Float32PerLayer,
    WholeList,
    UInt64List,
    Int32List,
    ByteList,

    /// <summary>Whole numbers or fractions.</summary>
    ScoreList,
    TextList,
}

internal static class SettingKinds
{
    public static bool Takes(this SettingKind kind, GgufEntry entry) => kind switch
    {
        SettingKind.Text or SettingKind.Name => entry.Type == GgufValueType.String,
        SettingKind.Truth => entry.Type == GgufValueType.Bool,
        SettingKind.UInt16 => entry.Type == GgufValueType.UInt16,
        SettingKind.UInt32 => entry.Type == GgufValueType.UInt32,
        SettingKind.Int32 => entry.Type == GgufValueType.Int32,
        SettingKind.Float32 => entry.Type == GgufValueType.Float32,
        SettingKind.UInt32PerLayer => entry.Type == GgufValueType.UInt32 || IsWholeList(entry),
        SettingKind.Float32PerLayer => entry.Type == GgufValueType.Float32 || IsListOf(entry, GgufValueType.Float32),
        SettingKind.WholeList => IsWholeList(entry),
        SettingKind.UInt64List => IsListOf(entry, GgufValueType.UInt64),
        SettingKind.Int32List => IsListOf(entry, GgufValueType.Int32),
        SettingKind.ByteList => IsListOf(entry, GgufValueType.Int8) || IsListOf(entry, GgufValueType.UInt8),
        SettingKind.ScoreList => IsListOf(entry, GgufValueType.Float32) || IsListOf(entry, GgufValueType.Int32),
        _ => IsListOf(entry, GgufValueType.String),
    };

    /// <summary>For messages: what belongs there.</summary>
    public static string Describe(this SettingKind kind) => kind switch
    {
        SettingKind.Text or SettingKind.Name => "a text",
        SettingKind.Truth => "true or false",
        SettingKind.UInt32PerLayer => "a number of type UInt32, or a list of them,",
        SettingKind.Float32PerLayer => "a number of type Float32, or a list of them,",
        SettingKind.WholeList => "a list of Int32 or UInt32",
        SettingKind.UInt64List => "a list of UInt64",
        SettingKind.Int32List => "a list of Int32",
        SettingKind.ByteList => "a list of Int8 or UInt8",
        SettingKind.ScoreList => "a list of Float32 or Int32",
        SettingKind.TextList => "a list of texts",
        _ => $"a number of type {kind}",
    };

    private static bool IsListOf(GgufEntry entry, GgufValueType type) =>
        entry.Type == GgufValueType.Array && entry.ElementType == type;

    private static bool IsWholeList(GgufEntry entry) =>
        entry.Type == GgufValueType.Array
        && entry.ElementType is GgufValueType.Int32 or GgufValueType.UInt32 or GgufValueType.Bool;
}
