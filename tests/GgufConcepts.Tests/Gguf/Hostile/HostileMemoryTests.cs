using System.Globalization;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;
using GgufConcepts.Testing.Hostile;
using GgufConcepts.Tests.Tracing;

namespace GgufConcepts.Tests.Gguf.Hostile;

/// <summary>What a look at a file that lies takes of all the process' memory, mapped pages of the file among it.</summary>
[Collection(nameof(WholeProcess))]
public sealed class HostileMemoryTests : IDisposable
{
    private const long Most = 512L << 20; // bytes

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindProblems_EveryLie_TakesLittleMemory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak of a process' memory can be set back on Linux alone.");
        Assert.All(HostileFiles.All, file =>
        {
            string path = file.Make(_folder.File("model.gguf"));
            GC.Collect();
            File.WriteAllText("/proc/self/clear_refs", "5"); // the peak becomes what there is
            long before = Read("VmRSS:");
            try
            {
                using GgufModelFile model = GgufModelFile.Open(path);
                GgufModelCheck.FindProblems(model);
            }
            catch (GgufException)
            {
                // refused
            }

            Assert.InRange(Read("VmHWM:") - before, long.MinValue, Most);
        });
    }

    [Fact]
    public void Read_MemoryThatIsTouched_IsSeen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak of a process' memory can be set back on Linux alone.");
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Read("VmRSS:");
        GC.KeepAlive(GC.AllocateArray<byte>(64 << 20).AsSpan().ToArray());
        Assert.InRange(Read("VmHWM:") - before, 64 << 20, Most);
    }

    /// <summary>A size from Linux's account of this process, in bytes.</summary>
    private static long Read(string name) => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10)
        .Single();
}
