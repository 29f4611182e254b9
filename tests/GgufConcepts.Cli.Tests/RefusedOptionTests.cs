using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary>Bad usage: one line that says what is wrong and what to do.</summary>
public sealed class RefusedOptionTests
{
    private static readonly string s_model = TinyModels.Path(TinyArchitecture.Qwen2);

    [Theory]
    [InlineData("Name a command: think")]
    [InlineData("There is no command 'frobnicate'; use one of think", "frobnicate")]
    [InlineData("There is no option '--json' before the command; name a command first: think", "--json")]
    [InlineData("--json belongs after the command: ggufconcepts think --json", "--json", "think", "hi")]
    [InlineData("nothing-here: no such file; check the path", "think", "hi", "--model", "nothing-here")]
    [InlineData("<PROMPT> is missing", "think", "--model", "m.gguf")]
    [InlineData("--model needs a value", "think", "hi", "--model")]
    [InlineData("--model is empty", "think", "hi", "--model", "")]
    [InlineData("Option '--from' is required", "translate", "hola", "--model", "m.gguf")]
    [InlineData("'there' is one word too many; put a text of several words in quotes", "think", "hi", "there", "--model", "m.gguf")]
    [InlineData("Name one thing to read", "read", "--model", "m.gguf")]
    [InlineData("Name one thing to read", "read", "a.json", "--text", "b", "--model", "m.gguf")]
    public async Task CommandLine_ThatIsNone_IsRefused(string reason, params string[] command) =>
        (await Cli.RunAsync(command)).AssertRefused(reason);

    [Theory]
    [InlineData("think has no option '--frobnicate'", "--frobnicate")]
    [InlineData("No strategy 'nope'; use one of soft", "--strategy", "nope")]
    [InlineData("--strategy names 2 strategies; name one here", "--strategy", "soft,moi")]
    [InlineData("'soft:' in 'soft:' is no strategy", "--strategy", "soft:")]
    [InlineData("The strategy 'soft' has no setting 'size'", "--strategy", "soft:size=3")]
    [InlineData("The strategy 'full' has no setting 'topK'; it has none.", "--strategy", "full", "--top-k", "3")]
    [InlineData("noise of the strategy 'soft' is 'loud'; use one of none, gumbel, dirichlet.", "--noise", "loud")]
    [InlineData("--window is 'x'; use a whole number", "--window", "x")]
    [InlineData("Beta is -1;", "-s", "moi", "--beta", "-1")]
    [InlineData("No preset 'nope'; use one of cot", "--preset", "nope")]
    [InlineData("--preset is one of 'soft', and --strategy names 'full'; leave one of them out.", "--preset", "soft-thinking", "-s", "full")]
    [InlineData("Of the answer: Temperature is 0;", "--answer-temperature", "0")]
    [InlineData("No chat template 'nope'; --chat-template takes one of", "--chat-template", "nope")]
    [InlineData("The step limit is 0; use 1 to", "--max-steps", "0")]
    [InlineData("The step limit is -1; use 1 to", "--max-steps", "-1")]
    [InlineData("--max-steps is 'abc'; use a whole number", "--max-steps", "abc")]
    [InlineData("--max-steps is '99999999999'; use a whole number of at most 2147483647", "--max-steps", "99999999999")]
    [InlineData("Temperature is 0;", "--temperature", "0")]
    [InlineData("Temperature is NaN;", "--temperature", "NaN")]
    [InlineData("Temperature is -1;", "--temperature", "-1")]
    [InlineData("Temperature is Infinity;", "--temperature", "1e40")]
    [InlineData("--temperature is 'warm'; use a number", "--temperature", "warm")]
    [InlineData("TopK is -1;", "--top-k", "-1")]
    [InlineData("TopP is 0;", "--top-p", "0")]
    [InlineData("TopP is NaN;", "--top-p", "NaN")]
    [InlineData("MinP is 1;", "--min-p", "1")]
    [InlineData("MaxTopK is 0;", "--max-topk", "0")]
    [InlineData("MaxTopK is 99999;", "--max-topk", "99999")]
    [InlineData("--seed is '-1'; use a whole number from 0", "--seed", "-1")]
    [InlineData("--gpu is 'x'; use auto, off", "--gpu", "x")]
    [InlineData("--gpu is '-1'; use auto, off", "--gpu", "-1")]
    [InlineData("Threads are 0; use 1 to", "--threads", "0")]
    [InlineData("--threads is '1.5'; use a whole number", "--threads", "1.5")]
    [InlineData("The context is 1; use at least 16", "--context", "1")]
    [InlineData("The context is 2000000000, but", "--context", "2000000000")]
    [InlineData("--nearest is 101; use 0 to 100", "--nearest", "101")]
    [InlineData("The chunk length is -1;", "--chunk", "-1")]
    [InlineData("Chunks of 100000 vectors do not fit", "--chunk", "100000")]
    [InlineData("feeds no vectors, so there are no chunks", "--strategy", "token", "--chunk", "4")]
    [InlineData("The stop entropy is NaN;", "--stop-entropy", "NaN")]
    [InlineData("The stop patience is 0;", "--stop-patience", "0")]
    [InlineData("The answer's token limit is -1;", "--answer-tokens", "-1")]
    [InlineData("The reading's token limit is 0;", "--read-tokens", "0")]
    [InlineData("leave no room for vectors", "--read-tokens", "600")]
    [InlineData("it must hold {vectors} once", "--read-prompt", "what is it")]
    [InlineData("expects a single argument", "--model", "another.gguf")]
    public async Task ThinkOption_OutOfRange_IsRefused(string reason, params string[] options) =>
        (await Cli.RunAsync(["think", "The capital", "--model", s_model, .. options])).AssertRefused(reason);

    [Theory]
    [InlineData("<PROMPT> is empty", "think", "")]
    [InlineData("<PROMPT> is empty", "next", "")]
    [InlineData("<PROMPT> is empty", "generate", "")]
    [InlineData("<TEXT> is empty", "translate", "", "--from", "Spanish")]
    [InlineData("name two languages", "translate", "hola", "--from", " ")]
    [InlineData("--max-tokens is 0; use at least 1", "translate", "hola", "--from", "Spanish", "--max-tokens", "0")]
    [InlineData("--max-tokens is 0; use at least 1", "generate", "hi", "--max-tokens", "0")]
    [InlineData("--count is 0; use 1 to 256", "next", "hi", "--count", "0")]
    [InlineData("Temperature is NaN;", "next", "hi", "--temperature", "NaN")]
    [InlineData("--count is 100000; use 1 to 1000", "neighbors", "King", "--count", "100000")]
    [InlineData("<WORD> is empty", "neighbors", "")]
    [InlineData("The word is empty", "neighbors", " ")]
    [InlineData("tokens in this vocabulary: ' '", "neighbors", "xylophone")]
    [InlineData("'King Man' is no sum of words", "analogy", "King", "Man")]
    [InlineData("'King -' is no sum of words", "analogy", "King", "-")]
    [InlineData("'' is no sum of words", "read", "--analogy", "")]
    [InlineData("There is nothing to read", "read", "--text", "")]
    [InlineData("--chunk is -1; use 0", "read", "--text", "hi", "--chunk", "-1")]
    public async Task Command_WithBadInput_IsRefused(string reason, params string[] command) =>
        (await Cli.RunWithAsync(s_model, command)).AssertRefused(reason);

    [Theory]
    [InlineData("think")]
    [InlineData("next")]
    [InlineData("generate")]
    public async Task Prompt_LongerThanTheContext_IsRefused(string command) => (await Cli.RunWithAsync(
        s_model, command, string.Concat(Enumerable.Repeat(" cat", 300)))).AssertRefused("300 tokens do not fit: the context holds 256");
}
