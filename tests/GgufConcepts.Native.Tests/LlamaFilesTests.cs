using System.Runtime.InteropServices;
using GgufConcepts.Testing;

namespace GgufConcepts.Native.Tests;

public sealed class LlamaFilesTests
{
    [Theory]
    [InlineData("libllama.so", "libggml.so", "libggml-base.so")]
    [InlineData("libllama.so.0", "libggml.so.0", "libggml-base.so.0")]
    [InlineData("libllama.v0.4.0.so", "libggml.v0.4.0.so", "libggml-base.so")]
    [InlineData("libllama.b8390.so", "libggml.b8390.so", "libggml-base.so")]
    [InlineData("libllama.metal.v0.4.0.dylib", "libggml.metal.v0.4.0.dylib", "libggml-base.dylib")]
    [InlineData("libllama.0.dylib", "libggml.0.dylib", "libggml-base.0.dylib")]
    [InlineData("llama.v0.4.0.dll", "ggml.v0.4.0.dll", "ggml-base.dll")]
    public void In_AFolderOfOneRelease_FindsTheThreeLibraries(string llama, string ggml, string ggmlBase)
    {
        using TempFolder folder = new();
        string[] others =
            ["libllama-common.so", "llama-common.dll", "libggml-cpu-zen4.so", "libggml-vulkan.so", "llama-addon.node", "llama.lib"];
        foreach (string name in (string[])[llama, ggml, ggmlBase, .. others])
        {
            File.WriteAllText(Path.Combine(folder.Path, name), "");
        }

        LlamaFiles? found = LlamaFiles.In(folder.Path);

        Assert.NotNull(found);
        Assert.Equal((llama, ggml, ggmlBase), (
            Path.GetFileName(found.Llama), Path.GetFileName(found.Ggml), Path.GetFileName(found.GgmlBase)));
    }

    [Fact]
    public void In_WithAndWithoutVersion_PrefersTheNameWithout()
    {
        using TempFolder folder = new();
        foreach (string name in (string[])["libllama.so.0.4.0", "libllama.so", "libggml.so.0", "libggml.so", "libggml-base.so"])
        {
            File.WriteAllText(Path.Combine(folder.Path, name), "");
        }

        Assert.Equal("libllama.so", Path.GetFileName(LlamaFiles.In(folder.Path)!.Llama));
    }

    [Theory]
    [InlineData("libllama.so", "libggml.so")]
    [InlineData("libllama-common.so", "libggml.so", "libggml-base.so")]
    public void In_OneIsMissing_FindsNothing(params string[] names)
    {
        using TempFolder folder = new();
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(folder.Path, name), "");
        }

        Assert.Null(LlamaFiles.In(folder.Path));
    }

    [Fact]
    public void Beside_AProgramOfOnePlatform_FindsThoseNextToIt()
    {
        using TempFolder folder = new();
        foreach (string name in (string[])["libllama.v0.4.0.so", "libggml.v0.4.0.so", "libggml-base.so"])
        {
            File.WriteAllText(Path.Combine(folder.Path, name), "");
        }

        Assert.Equal(folder.Path, LlamaFiles.Beside(folder.Path).Directory);
    }

    [Fact]
    public void Beside_AProgramWithoutThem_NamesThePackageOfThisPlatform()
    {
        using TempFolder folder = new();

        LlamaLibraryException problem = Assert.Throws<LlamaLibraryException>(() => LlamaFiles.Beside(folder.Path));

        string architecture = RuntimeInformation.ProcessArchitecture.ToString();
        Assert.Matches($"package GgufConcepts.Runtime.(linux|osx|win)-(?i:{architecture}),", problem.Message);
        Assert.Contains(folder.Path, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnsureLoaded_ThePinnedRelease_IsASupportedVersionWithAProcessor()
    {
        LlamaLibraryInfo info = LlamaLibrary.EnsureLoaded();

        Assert.Contains(info.Version.Split('-')[0], LlamaLibrary.SupportedVersions);
        Assert.Contains(LlamaLibrary.Devices(), device => device.Kind == ComputeDeviceKind.Cpu);
    }
}
