using GgufConcepts.Stores;

namespace GgufConcepts.Tests.Stores;

/// <summary>Every store, laid out as its owner lays it out.</summary>
public sealed class ModelStoresTests : IDisposable
{
    private const string Manifest = """
        { "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
          "config": { "mediaType": "application/vnd.docker.container.image.v1+json", "digest": "sha256:CONFIG", "size": 1 },
          "layers": [
            { "mediaType": "application/vnd.ollama.image.template", "digest": "sha256:TEMPLATE", "size": 1 },
            { "mediaType": "application/vnd.ollama.image.model", "digest": "sha256:MODEL", "size": 5 } ] }
        """;

    private static readonly string s_a = new('a', 64), s_b = new('b', 64), s_c = new('c', 64);

    private readonly StoreLayout _home = new();

    private string Hub => _home.At(".cache", "huggingface", "hub");

    private string Blobs => _home.At(".ollama", "models", "blobs");

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("hf:org/repo")]
    [InlineData("hf:org/repo:q4_k_m")]
    [InlineData("hf:org/repo/sub/m-Q4_K_M.gguf")]
    [InlineData("hf:org/repo@main")]
    [InlineData("hf:org/repo:Q4_K_M@" + StoreLayout.Commit)]
    public void HuggingFace_EveryForm_IsTheFileInTheSnapshot(string reference)
    {
        string path = _home.WriteHubFile(Hub, "org/repo", "sub/m-Q4_K_M.gguf");
        _home.WriteHubFile(Hub, "org/repo", "m-Q8_0.gguf");

        StoredModel found = Single(reference);

        Assert.Equal((path, "Hugging Face", 5, "Q4_K_M"), (found.Path, found.Store, found.Bytes, found.Quantisation));
    }

    [Theory]
    [InlineData("HF_HUB_CACHE", "hub")]
    [InlineData("HUGGINGFACE_HUB_CACHE", "hub")]
    [InlineData("HF_HOME", "hub/hub")]
    [InlineData("XDG_CACHE_HOME", "hub/huggingface/hub")]
    [InlineData("LLAMA_CACHE", "hub")]
    public void HuggingFace_AVariable_NamesTheFolder(string variable, string folder)
    {
        _home.Set(variable, _home.At("hub"));
        string path = _home.WriteHubFile(_home.At(folder), "org/repo", "m.gguf");

        Assert.Equal(path, Single("hf:org/repo").Path);
    }

    [Fact]
    public void HuggingFace_WithoutARevision_PrefersMainThenAnyOtherSnapshot()
    {
        const string other = "fedcba9876543210fedcba9876543210fedcba98";
        string older = _home.WriteHubFile(Hub, "org/repo", "m-Q8_0.gguf", other, branch: "refs/pr/7");
        string main = _home.WriteHubFile(Hub, "org/repo", "m-Q6_K.gguf");

        Assert.Equal(main, Single("hf:org/repo").Path);
        Assert.Equal(older, Single("hf:org/repo:Q8_0").Path);
        Assert.Equal(older, Single("hf:org/repo@refs/pr/7").Path);
        Assert.Empty(Find("hf:org/repo:Q8_0@main"));
        Assert.Empty(Find("hf:org/repo@gone"));
    }

    [Fact]
    public void HuggingFace_PartsMissingOrNotDone_IsNoModel()
    {
        string part = _home.WriteHubFile(Hub, "org/split", "m-00001-of-00002.gguf");
        _home.Write(Path.Combine(Hub, "models--org--split", "blobs", $"{s_a}.incomplete"));
        string broken = _home.WriteHubFile(Hub, "org/broken", "m.gguf");
        File.Delete(File.ResolveLinkTarget(broken, returnFinalTarget: true)!.FullName);

        Assert.Empty(Find("hf:org/split"));
        Assert.Empty(Find("hf:org/broken"));
        Assert.Empty(List());

        string second = _home.WriteHubFile(Hub, "org/split", "m-00002-of-00002.gguf");

        Assert.Equal((part, 10), (Single("hf:org/split").Path, Single("hf:org/split").Bytes));
        Assert.NotEqual(part, second);
    }

    [Theory]
    [InlineData("hf:org/repo")]
    [InlineData("hf:org/repo:Q8_0")]
    [InlineData("hf:org/repo/m-Q8_0.gguf")]
    public void FlatLlamaCache_EveryForm_IsTheFile(string reference)
    {
        _home.Set("LLAMA_CACHE", _home.At("flat"));
        string path = _home.Write(_home.At("flat", "org_repo_m-Q8_0.gguf"));
        _home.Write(_home.At("flat", "manifest=org=repo=latest.json"), "{}");

        StoredModel found = Single(reference);

        Assert.Equal((path, "llama.cpp's old cache"), (found.Path, found.Store));
        Assert.Equal(path, Assert.Single(List()).Reference);
    }

    [Theory]
    [InlineData("manifests", "registry.ollama.ai", "library/qwen2.5/latest", "ollama:qwen2.5")]
    [InlineData("manifests", "registry.ollama.ai", "library/qwen2.5/0.5b", "ollama:qwen2.5:0.5b")]
    [InlineData("manifests", "registry.ollama.ai", "me/mine/v2", "ollama:me/mine:v2")]
    [InlineData("manifests", "hf.co", "org/repo/Q4_K_M", "ollama:hf.co/org/repo:Q4_K_M")]
    [InlineData("manifests-v2", "ollama.com", "library/qwen2.5/latest", "ollama:qwen2.5")]
    [InlineData("manifests-v2", "localhost%3A5000", "org/repo/x", "ollama:localhost:5000/org/repo:x")]
    public void Ollama_ANamedManifest_IsItsBlob(string tree, string host, string below, string reference)
    {
        _home.Write(_home.At(".ollama", "models", tree, host, below), Manifest.Replace("MODEL", s_a, StringComparison.Ordinal));
        string blob = _home.Write(Path.Combine(Blobs, $"sha256-{s_a}"));

        Assert.Equal((blob, "Ollama"), (Single(reference).Path, Single(reference).Store));
        Assert.Equal(ModelReference.Parse(reference).ToString(), Assert.Single(List()).Reference);
    }

    [Fact]
    public void Ollama_BothTrees_TakesTheNewer()
    {
        _home.Set("OLLAMA_MODELS", _home.At("elsewhere"));
        _home.Write(_home.At("elsewhere", "manifests", "registry.ollama.ai", "library", "m", "latest"), Manifest.Replace("MODEL", s_a, StringComparison.Ordinal));
        _home.Write(_home.At("elsewhere", "manifests-v2", "ollama.com", "library", "m", "latest"), Manifest.Replace("MODEL", s_b, StringComparison.Ordinal));
        string older = _home.Write(_home.At("elsewhere", "blobs", $"sha256-{s_a}"));
        string newer = _home.Write(_home.At("elsewhere", "blobs", $"sha256-{s_b}"));

        Assert.Equal(newer, Single("ollama:m").Path);
        File.Delete(newer);
        Assert.Equal(older, Single("ollama:m").Path);
    }

    [Fact]
    public void Ollama_AManifestList_TakesTheChildForLlamaCppInGguf()
    {
        string child = Manifest.Replace("MODEL", s_a, StringComparison.Ordinal);
        _home.Write(_home.At(".ollama", "models", "manifests-v2", "ollama.com", "library", "m", "latest"), $$"""
            { "schemaVersion": 2, "mediaType": "application/vnd.ollama.manifest.list.v2+json", "manifests": [
                { "mediaType": "x", "digest": "sha256:{{s_b}}", "runner": "mlx", "format": "safetensors" },
                { "mediaType": "x", "digest": "sha256:{{s_b}}", "runner": "ggml", "format": "gguf" },
                { "mediaType": "x", "digest": "sha256:{{s_c}}", "runner": "llamacpp", "format": "gguf" } ] }
            """);
        _home.Write(Path.Combine(Blobs, $"sha256-{s_b}"), Manifest.Replace("MODEL", s_b, StringComparison.Ordinal));
        _home.Write(Path.Combine(Blobs, $"sha256-{s_c}"), child);
        string weights = _home.Write(Path.Combine(Blobs, $"sha256-{s_a}"));

        Assert.Equal(weights, Single("ollama:m").Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{ "layers": 3 }""")]
    [InlineData("""{ "manifests": [ 1 ] }""")]
    [InlineData("""{ "layers": [ { "mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../etc/passwd" } ] }""")]
    [InlineData("""{ "layers": [ { "mediaType": "application/vnd.ollama.image.model" } ] }""")]
    public void Ollama_AManifestThatIsNone_IsNoModel(string manifest)
    {
        _home.Write(_home.At(".ollama", "models", "manifests", "registry.ollama.ai", "library", "m", "latest"), manifest);

        Assert.Empty(Find("ollama:m"));
        Assert.Empty(List());
    }

    [Theory]
    [InlineData("lmstudio:org/model")]
    [InlineData("lmstudio:org/model/m-Q4_K_M.gguf")]
    public void LmStudio_EveryForm_IsTheFile(string reference)
    {
        string path = _home.Write(_home.At(".lmstudio", "models", "org", "model", "m-Q4_K_M.gguf"));
        _home.Write(_home.At(".lmstudio", "models", "org", "model", "mmproj-m-F16.gguf"));

        Assert.Equal((path, "LM Studio"), (Single(reference).Path, Single(reference).Store));
        Assert.Equal("lmstudio:org/model/m-Q4_K_M.gguf", Assert.Single(List()).Reference);
    }

    [Fact]
    public void List_WhatItSays_IsFoundAgain()
    {
        _home.WriteHubFile(Hub, "org/repo", "a/m-Q4_K_M.gguf");
        _home.WriteHubFile(Hub, "org/repo", "m-Q8_0.gguf");
        _home.Write(_home.At(".lmstudio", "models", "org", "model", "m.gguf"));

        Assert.Equal(3, List().Count);
        Assert.All(List(), model => Assert.Equal(model.Path, Single(model.Reference).Path));
    }

    [Theory]
    [InlineData("lmstudio:My Models/A Model/m 1.gguf", "My Models", "A Model", "m 1.gguf")]
    [InlineData("lmstudio:org/model/m@2.gguf", "org", "model", "m@2.gguf")]
    [InlineData(null, "org", "model", "m:2.gguf")] // no name says it
    public void List_AnOddName_IsFoundAgainByItOrByItsPath(string? reference, params string[] below)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && below[^1].Contains(':'), "No file can be called so here.");
        string path = _home.Write(_home.At([".lmstudio", "models", .. below]));
        Assert.Equal(reference ?? path, Assert.Single(List()).Reference);
        if (reference is not null)
        {
            Assert.Equal(path, Single(reference).Path);
        }
    }

    [Fact]
    public void List_AHubFileWithAnAtSign_IsListedByItsPath()
    {
        string path = _home.WriteHubFile(Hub, "org/repo", "m@x.gguf"); // after the sign a revision would stand
        Assert.Equal(path, Assert.Single(List()).Reference);
    }

    [Fact]
    public void List_AnotherSnapshot_IsListedToo()
    {
        _home.WriteHubFile(Hub, "org/repo", "m-Q8_0.gguf", "fedcba9876543210fedcba9876543210fedcba98", branch: null);
        _home.Write(Path.Combine(Hub, "models--org--repo", "refs", "main"), StoreLayout.Commit);

        Assert.Equal(Single("hf:org/repo").Path, Assert.Single(List()).Path);
    }

    [Fact]
    public void List_ALinkInACircle_IsNoModel()
    {
        string folder = _home.At(".lmstudio", "models", "org", "model"), good = _home.Write(Path.Combine(folder, "good.gguf"));
        File.CreateSymbolicLink(Path.Combine(folder, "a.gguf"), "b.gguf");
        File.CreateSymbolicLink(Path.Combine(folder, "b.gguf"), "a.gguf");

        Assert.Equal(good, Assert.Single(List()).Path);
        Assert.Empty(Find("lmstudio:org/model/a.gguf"));
    }

    [Fact]
    public void List_NoStoreAtAll_IsEmpty() => Assert.Empty(List());

    private List<StoredModel> Find(string reference) =>
        [.. _home.Stores.Select(store => store.Find(ModelReference.Parse(reference))).OfType<StoredModel>()];

    private StoredModel Single(string reference) => Assert.Single(Find(reference));

    private List<StoredModel> List() => [.. _home.Stores.SelectMany(store => store.List())];
}
