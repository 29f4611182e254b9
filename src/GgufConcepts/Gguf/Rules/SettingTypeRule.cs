using System.Text.Unicode;

namespace GgufConcepts.Gguf.Rules;

/// <summary>Every setting that llama.cpp reads is of the type it reads, its numbers are finite, and its text is one that
/// C reads as it stands.</summary>
internal static class SettingTypeRule
{
    /// <summary>Bytes of an architecture's name or a tokenizer's; our own limit.</summary>
    public const int MaxNameBytes = 1024;

    public static void Check(CheckedModel model, Findings findings)
    {
        foreach (GgufEntry entry in model.Settings.Entries)
        {
            if (SettingTypes.Find(entry.Key, model.Architecture) is not { } kind)
            {
                continue;
            }

            if (!kind.Takes(entry))
            {
                string found = entry.Type == GgufValueType.Array ? $"{entry.ElementType}[]" : $"{entry.Type}";
                findings.Add(entry.Problem($"is of type {found} where {kind.Describe().TrimEnd(',')} belongs"));
            }
            else if (entry.Type == GgufValueType.Float32 && !double.IsFinite(entry.AsFloat()))
            {
                findings.Add(entry.Problem($"is {entry.AsFloat()}; it must be finite"));
            }
            else if (entry.Type == GgufValueType.String)
            {
                CheckText(entry, kind, findings);
            }
        }
    }

    private static void CheckText(GgufEntry entry, SettingKind kind, Findings findings)
    {
        using MappedFile.Lease bytes = entry.BorrowText(out ReadOnlySpan<byte> utf8);
        if (kind == SettingKind.Name && utf8.Length > MaxNameBytes)
        {
            findings.Add(entry.Problem($"has {utf8.Length} bytes; the most is {MaxNameBytes}"));
        }
        else if (utf8.Contains((byte)0))
        {
            findings.Add(entry.Problem("holds a zero byte, at which llama.cpp stops reading"));
        }
        else if (!Utf8.IsValid(utf8))
        {
            findings.Add(entry.Problem("is not valid UTF-8"));
        }
    }
}
