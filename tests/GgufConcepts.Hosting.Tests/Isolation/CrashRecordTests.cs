using GgufConcepts.Hosting.Running;
using GgufConcepts.Testing;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>Which file counts as bad, and until when.</summary>
public sealed class CrashRecordTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CrashRecord _record = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsBad_AnyPartOfASplitModel_UntilAnyPartChanges()
    {
        string[] parts = [.. Enumerable.Range(1, 3).Select(part => _folder.File($"model-0000{part}-of-00003.gguf"))];
        foreach (string part in parts)
        {
            File.WriteAllText(part, "a part");
        }

        Crash(parts[0], parts[1], parts[2]);
        Assert.All(parts, part => Assert.True(_record.IsBad(part)));
        Assert.False(_record.IsBad(_folder.File("model-00001-of-00004.gguf")));
        File.WriteAllText(parts[1], "another part");
        Assert.All(parts, part => Assert.False(_record.IsBad(part)));
    }

    [Fact]
    public void IsBad_LinkThatLeadsNowhere_IsAnswered()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string one = _folder.File("one.gguf"), other = _folder.File("other.gguf");
        File.CreateSymbolicLink(one, other);
        Crash(one, one, one);
        Assert.True(_record.IsBad(one)); // there is none
        File.CreateSymbolicLink(other, one); // and now a circle
        Crash(one, one, one);
        Assert.True(_record.IsBad(one));
        File.Delete(other);
        File.WriteAllText(other, "a model");
        Assert.False(_record.IsBad(one));
    }

    private void Crash(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            _record.Add(path, hadWorked: false);
        }
    }
}
