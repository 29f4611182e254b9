namespace GgufConcepts.Native.Tests;

public sealed class GpuModulesTests
{
    [Theory]
    [InlineData("libvulkan.so.1: cannot open shared object file: No such file or directory", "libvulkan1")]
    [InlineData("libcudart.so.13: cannot open shared object file: No such file or directory", "the runtime of CUDA")]
    [InlineData("libcublas.so.12: cannot open shared object file: No such file or directory", "cuBLAS")]
    [InlineData("libcuda.so.1: cannot open shared object file: No such file or directory", "NVIDIA's driver")]
    [InlineData("libsomething.so: cannot open shared object file", "the card's driver")]
    public void RemedyFor_AMissingLibrary_NamesWhatBringsIt(string problem, string remedy) =>
        Assert.Contains(remedy, GpuModules.RemedyFor(problem), StringComparison.Ordinal);

    [Fact]
    public void FindUseless_WithoutModules_IsEmpty()
    {
        Assert.SkipWhen(
            Directory.EnumerateFiles(LlamaLibrary.EnsureLoaded().Directory).Any(path => path.Contains("vulkan") || path.Contains("cuda")),
            "This build has a module for graphics cards.");
        Assert.Empty(GpuModules.FindUseless());
    }
}
