namespace GgufConcepts.Native;

/// <summary>C's <c>bool</c>: one byte, 0 or 1.</summary>
internal readonly struct NativeBool(bool value)
{
    private readonly byte _value = value ? (byte)1 : (byte)0;

    public static implicit operator bool(NativeBool value) => value._value != 0;

    public static implicit operator NativeBool(bool value) => new(value);
}
