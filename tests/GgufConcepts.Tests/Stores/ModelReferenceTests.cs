using GgufConcepts.Stores;

namespace GgufConcepts.Tests.Stores;

public sealed class ModelReferenceTests
{
    public static TheoryData<string, ModelReference> Forms { get; } = new()
    {
        { "model.gguf", new ModelReference.OnDisk("model.gguf") },
        { "models/here", new ModelReference.OnDisk("models/here") },
        { @"C:\models\m.GGUF", new ModelReference.OnDisk(@"C:\models\m.GGUF") },
        { "..", new ModelReference.OnDisk("..") },
        { "qwen2.5-1.5b", new ModelReference.Alias("qwen2.5-1.5b") },
        { "hf:org/repo", new ModelReference.HuggingFace("org/repo", null, null, null) },
        { "hf:org/Repo-GGUF:Q4_K_M", new ModelReference.HuggingFace("org/Repo-GGUF", "Q4_K_M", null, null) },
        { "hf:org/repo/file.gguf", new ModelReference.HuggingFace("org/repo", null, "file.gguf", null) },
        { "hf:org/repo/UD (new)/m-00001-of-00002.gguf@v1",
            new ModelReference.HuggingFace("org/repo", null, "UD (new)/m-00001-of-00002.gguf", "v1") },
        { "hf:org/repo:q8_0@refs/pr/7", new ModelReference.HuggingFace("org/repo", "q8_0", null, "refs/pr/7") },
        { "ollama:qwen2.5", new ModelReference.Ollama("registry.ollama.ai", "library", "qwen2.5", "latest") },
        { "ollama:qwen2.5:0.5b", new ModelReference.Ollama("registry.ollama.ai", "library", "qwen2.5", "0.5b") },
        { "ollama:me/mine:v2", new ModelReference.Ollama("registry.ollama.ai", "me", "mine", "v2") },
        { "ollama:hf.co/org/repo:Q4_K_M", new ModelReference.Ollama("hf.co", "org", "repo", "Q4_K_M") },
        { "ollama:localhost:5000/org/repo:x", new ModelReference.Ollama("localhost:5000", "org", "repo", "x") },
        { "lmstudio:org/model", new ModelReference.LmStudio("org", "model", null) },
        { "lmstudio:org/model/m.Q8_0.gguf", new ModelReference.LmStudio("org", "model", "m.Q8_0.gguf") },
    };

    [Theory, MemberData(nameof(Forms))]
    public void Parse_EveryForm_IsReadAndWrittenBack(string text, ModelReference expected)
    {
        ModelReference reference = ModelReference.Parse(text);

        Assert.Equal(expected, reference);
        Assert.Equal(reference, ModelReference.Parse(reference.ToString()!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf:")]
    [InlineData("hf:repo")]
    [InlineData("hf:org/")]
    [InlineData("hf:/repo")]
    [InlineData("hf:org/repo:")]
    [InlineData("hf:org/repo@")]
    [InlineData("hf:org/repo/readme.md")]
    [InlineData("hf:org/repo:Q4_K_M/file.gguf")]
    [InlineData("hf:../repo")]
    [InlineData("hf:org/repo/../../../etc/passwd.gguf")]
    [InlineData("hf:org/repo//etc/passwd.gguf")]
    [InlineData("hf:org/repo@../../x")]
    [InlineData("hf:org/repo/a\\b.gguf")]
    [InlineData("hf:org/repo/a\0.gguf")]
    [InlineData("ollama:")]
    [InlineData("ollama:name:")]
    [InlineData("ollama:a/b/c/d")]
    [InlineData("ollama:../name")]
    [InlineData("ollama:name:../../x")]
    [InlineData("lmstudio:model")]
    [InlineData("lmstudio:../model")]
    [InlineData("lmstudio:org/../x.gguf")]
    public void Parse_WhatIsNoneOrLeadsElsewhere_IsRefused(string text) =>
        Assert.Throws<ConceptInputException>(() => ModelReference.Parse(text));

    [Theory]
    [InlineData("hf:a/b@", "something must follow")]
    [InlineData("hf:a/b:", "something must follow")]
    [InlineData("hf:a/b/c", "a file that ends in .gguf")]
    [InlineData("hf:a/b:Q4_K_M/f.gguf", "leave one out")]
    [InlineData("https://huggingface.co/a/b", "it is a web address")]
    public void Parse_AFormThatIsAlmostRight_SaysWhatIsWrong(string text, string why) => Assert.Contains(
        why, Assert.Throws<ConceptInputException>(() => ModelReference.Parse(text)).Message, StringComparison.Ordinal);
}
