using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Words longer than llama.cpp's rules for words have stack for, in a process of their own.</summary>
public sealed class LongTextTests
{
    private const int Length = 100_000; // characters; 24,000 were too many

    [Theory]
    [InlineData("deepseek-llm", "a")]
    [InlineData("deepseek-v3", " ")]
    [InlineData("gpt-4o", "漢")]
    [InlineData("gpt-4o", "A")]
    [InlineData("tekken", "\n")]
    [InlineData("poro-chat", "é1")]
    [InlineData("exaone-moe", "a b ")]
    [InlineData("llama4", "!")]
    [InlineData("whitespace", "-x-")]
    public async Task Next_OneLongWord_IsToldThatItDoesNotFit(string rules, string letters)
    {
        string model = TinyModels.Path(
            TinyArchitecture.Llama,
            new TinyOptions { Settings = new Dictionary<string, object?> { ["tokenizer.ggml.pre"] = rules } });
        int count = Length / letters.Length / (letters[0] > '\x7f' ? 3 : 1); // the system takes 128 KiB an argument
        (await Cli.RunWithAsync(model, "next", string.Concat(Enumerable.Repeat(letters, count))))
            .AssertRefused("does not fit the context");
    }
}
