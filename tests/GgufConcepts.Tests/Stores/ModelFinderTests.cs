using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Stores;

public sealed class ModelFinderTests : IDisposable
{
    private readonly StoreLayout _home = new();

    private ModelFinder Finder => new(ModelCatalog.Find(), _home.Stores);

    private string Hub => _home.At(".cache", "huggingface", "hub");

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Find_ANameThatTravelsAlong_IsTheFileBesideTheCatalog() =>
        Assert.Equal(CommittedModels.Path("mnns-continuous.gguf"), Finder.Find("mnns-continuous").Path);

    [Fact]
    public void Find_Nothing_IsTheFirstModel() =>
        Assert.Equal(CommittedModels.Path(ModelCatalog.Find().Entries[0].File), Finder.Find(null).Path);

    [Fact]
    public void Find_APath_IsThatPath() => Assert.Equal("some/where.gguf", Finder.Find("some/where.gguf").Path);

    [Fact]
    public void Find_AFileNamedLikeAnAlias_IsTheFile()
    {
        string path = _home.Write(_home.At("atlas"));

        Assert.Equal(path, Finder.Find(path).Path);
    }

    [Fact]
    public void Find_AFolderWithOneModel_IsIt()
    {
        string path = _home.Write(_home.At("folder", "m-00001-of-00002.gguf"));
        _home.Write(_home.At("folder", "m-00002-of-00002.gguf"));
        _home.Write(_home.At("folder", "mmproj-m.gguf"));

        Assert.Equal(path, Finder.Find(_home.At("folder")).Path);
    }

    [Fact]
    public void Find_AFolderWithSeveralOrNone_NamesThem()
    {
        _home.Write(_home.At("two", "a.gguf"));
        _home.Write(_home.At("two", "b.gguf"));
        Directory.CreateDirectory(_home.At("none"));

        Assert.Contains("a.gguf, b.gguf", Refusal(_home.At("two")), StringComparison.Ordinal);
        Assert.Contains("no .gguf file", Refusal(_home.At("none")), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_AnAliasToPull_IsFoundWhereItWasPulled()
    {
        Assert.Contains("ggufconcepts models pull gpt2", Refusal("gpt2"), StringComparison.Ordinal);

        string path = _home.WriteHubFile(Hub, "mradermacher/gpt2-GGUF", "gpt2.Q8_0.gguf");

        Assert.Equal(path, Finder.Find("gpt2").Path);
    }

    [Fact]
    public void Find_InTwoStores_TakesTheFirstAndSaysSo()
    {
        _home.Set("LLAMA_CACHE", _home.At("llama"));
        string first = _home.WriteHubFile(Hub, "org/repo", "m.gguf");
        string second = _home.WriteHubFile(_home.At("llama"), "org/repo", "m.gguf");

        FoundModel found = Finder.Find("hf:org/repo");

        Assert.Equal((first, "Hugging Face"), (found.Path, found.Store));
        Assert.Equal((second, "llama.cpp"), (found.AlsoIn[0].Path, found.AlsoIn[0].Store));
    }

    [Theory]
    [InlineData("nobody", "'nobody' is neither a file nor a name known here")]
    [InlineData("hf:org/none:Q8_0", "get it with: ggufconcepts models pull hf:org/none:Q8_0")]
    [InlineData("ollama:none", "ollama:none:latest is not on this machine")]
    [InlineData("lmstudio:org/none", "lmstudio:org/none is not on this machine")]
    public void Find_WhatIsNotHere_SaysWhatToDo(string name, string reason) =>
        Assert.Contains(reason, Refusal(name), StringComparison.Ordinal);

    private string Refusal(string name) => Assert.Throws<ConceptInputException>(() => Finder.Find(name)).Message;
}
