using GgufConcepts.Stores;

namespace GgufConcepts.Tests.Stores;

public sealed class GgufFileNameTests
{
    [Theory]
    [InlineData("Q4_K_M", "m-Q4_K_M.gguf")]
    [InlineData("q4_k_m", "m-Q4_K_M.gguf")]
    [InlineData("Q8_0", "m.q8_0.gguf")]
    [InlineData("F16", "m-F16.gguf")]
    [InlineData("BF16", "m-BF16-00001-of-00002.gguf")]
    [InlineData("Q4_K", null)]
    [InlineData("Q2_K", null)]
    [InlineData(null, "m-Q4_K_M.gguf")]
    public void Choose_OfARepository_TakesTheQuantisation(string? quantisation, string? expected) => Assert.Equal(
        expected,
        GgufFileName.Choose(
            [
                "m-BF16-00001-of-00002.gguf", "m-BF16-00002-of-00002.gguf", "m-F16.gguf", "m.q8_0.gguf", "m-Q4_K_M.gguf",
                "mmproj-m-Q4_K_M.gguf", "m-imatrix.gguf", "mtp-m-Q2_K.gguf", "README.md",
            ],
            quantisation));

    [Theory]
    [InlineData("a-Q5_0.gguf b-Q8_0.gguf", "b-Q8_0.gguf")]
    [InlineData("z-Q5_0.gguf b-Q6_K.gguf", "b-Q6_K.gguf")]
    [InlineData("Q4_K_M/m-00001-of-00002.gguf Q4_K_M/m-00002-of-00002.gguf", "Q4_K_M/m-00001-of-00002.gguf")]
    [InlineData("mmproj-F16.gguf", null)]
    public void Choose_WithoutAQuantisation_TakesTheUsualOnesThenTheFirst(string files, string? expected) =>
        Assert.Equal(expected, GgufFileName.Choose(files.Split(' '), quantisation: null));

    [Theory]
    [InlineData("qwen2.5-1.5b-instruct-q4_k_m.gguf", "Q4_K_M")]
    [InlineData("gpt2.Q8_0.gguf", "Q8_0")]
    [InlineData("x/IQ4_XS/m-IQ4_XS-00001-of-00003.gguf", "IQ4_XS")]
    [InlineData("m-bf16.gguf", "BF16")]
    [InlineData("m-MXFP4_MOE.gguf", "MXFP4_MOE")]
    [InlineData("stories260K.gguf", null)]
    [InlineData("gpt2.gguf", null)]
    public void QuantisationOf_AName_IsItsEnding(string name, string? expected) =>
        Assert.Equal(expected, GgufFileName.QuantisationOf(name));

    [Theory]
    [InlineData("m-00001-of-00000.gguf")]
    [InlineData("m-00000-of-00002.gguf")]
    [InlineData("m-00003-of-00002.gguf")]
    [InlineData("m-٠٠٠٠١-of-٠٠٠٠٢.gguf")]
    public void AllParts_OfNumbersThatAreNone_IsTheFile(string name) => Assert.Equal([name], GgufFileName.AllParts(name));

    [Fact]
    public void AllParts_OfASplitModel_AreInOrder() => Assert.Equal(
        ["d/m-00001-of-00003.gguf", "d/m-00002-of-00003.gguf", "d/m-00003-of-00003.gguf"],
        GgufFileName.AllParts("d/m-00002-of-00003.gguf"));
}
