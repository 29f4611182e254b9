using System.Collections;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GgufConcepts.Tests.Mixing;

/// <summary>Holds the vector widths in use to the environment's switches: a misspelt switch does nothing,
/// silently.</summary>
[Trait("Suite", "Vector")]
public class VectorWidthTests
{
    // The switches the suite is run under, as .NET 10 spells them; each also turns off the wider ones.
    private static readonly string[] s_switches =
        ["DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic"];

    [Fact]
    public void Environment_VectorSwitches_AreSpelledAsTheRuntimeReadsThem()
    {
        IEnumerable<string> set = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => (string)variable.Key)
            .Where(name => name.StartsWith("DOTNET_Enable", StringComparison.OrdinalIgnoreCase)
                && (name.Contains("AVX", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("HW", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("Intrinsic", StringComparison.OrdinalIgnoreCase)));
        Assert.All(set, name => Assert.Contains(name, s_switches));
    }

    [Fact]
    public void Widths_AreThoseTheSwitchesAndTheProcessorLeave()
    {
        bool all = !IsOff("DOTNET_EnableHWIntrinsic");
        bool avx2 = all && !IsOff("DOTNET_EnableAVX2");
        bool avx512 = avx2 && !IsOff("DOTNET_EnableAVX512");
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            Assert.Equal(avx512 && CpuHas("avx512vl", Vector512.IsHardwareAccelerated), Vector512.IsHardwareAccelerated);
            Assert.Equal(avx2 && CpuHas("avx2", Vector256.IsHardwareAccelerated), Vector256.IsHardwareAccelerated);
        }

        Assert.Equal(all, Vector128.IsHardwareAccelerated);
    }

    private static bool IsOff(string name) => Environment.GetEnvironmentVariable(name) == "0";

    // Where the system does not list the processor's features, what the runtime found is believed.
    private static bool CpuHas(string feature, bool otherwise) => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").Any(line => line.StartsWith("flags", StringComparison.Ordinal)
            && line.Split(' ').Contains(feature))
        : otherwise;
}
