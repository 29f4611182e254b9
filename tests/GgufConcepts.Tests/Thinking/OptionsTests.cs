using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Every bad value is named with what it should be, and the defaults have no problem.</summary>
public sealed class OptionsTests
{
    private const string PromptRule =
        "it must hold {vectors} once, where the vectors go, or be one of meaning, english, identity, describe, chat.";

    private const string StopRule = "The answer's stop texts must be at most 16, of 1 to 256 characters each.";

    private static readonly Dictionary<string, (ThinkOptions Options, string Problem)> s_bad = new()
    {
        ["steps -1"] = (new() { MaxSteps = -1 }, "The step limit is -1; use 0 to 1000000."),
        ["steps 1000001"] = (new() { MaxSteps = 1_000_001 }, "The step limit is 1000001; use 0 to 1000000."),
        ["logprobs 21"] = (new() { AnswerLogprobs = 21 }, "The number of log-probabilities is 21; use 0 to 20."),
        ["empty stop text"] = (new() { StopTexts = ["a", ""] }, StopRule),
        ["null stop text"] = (new() { StopTexts = [null!] }, StopRule),
        ["long stop text"] = (new() { StopTexts = [new string('a', 257)] }, StopRule),
        ["17 stop texts"] = (new() { StopTexts = [.. Enumerable.Repeat("a", 17)] }, StopRule),
        ["chunk -1"] = (new() { ChunkLength = -1 }, "The chunk length is -1; use 0 to 100000."),
        ["chunk 100001"] = (new() { ChunkLength = 100_001 }, "The chunk length is 100001; use 0 to 100000."),
        ["answer -1"] = (new() { AnswerTokens = -1 }, "The answer's token limit is -1; use 0 to 1000000."),
        ["chunks of tokens"] = (
            new() { ChunkLength = 4, Strategy = new TokenDecoding() },
            "The strategy 'token' feeds no vectors, so there are no chunks to translate; leave the chunk length out."),
        ["null strategy"] = (
            new() { Strategy = null! }, "Strategy, ColdStop or Answer is null; leave it out for the default."),
        ["null mixture"] = (
            new() { Strategy = new SoftThinking { Mix = null! } }, "Mix is null; leave it out for the defaults."),
        ["null reading prompt"] = (
            Read(new() { Prompt = null! }), $"The reading prompt is ''; {PromptRule}"),
        ["chunks without a reader"] = (
            new() { ChunkLength = 4, Reader = null },
            "Chunks need a reader to translate them; let it read, or leave the chunk length out."),
        ["entropy -1"] = (Cold(new() { Entropy = -1 }), "The stop entropy is -1; use 0 (off) or a finite value above it."),
        ["entropy NaN"] = (Cold(new() { Entropy = double.NaN }), "The stop entropy is NaN; use 0 (off) or a finite value above it."),
        ["entropy infinite"] = (
            Cold(new() { Entropy = double.PositiveInfinity }), "The stop entropy is Infinity; use 0 (off) or a finite value above it."),
        ["patience 0"] = (Cold(new() { Patience = 0 }), "The stop patience is 0; use at least 1."),
        ["no slot"] = (
            Read(new() { Prompt = "What?" }), $"The reading prompt is 'What?'; {PromptRule}"),
        ["two slots"] = (
            Read(new() { Prompt = "{vectors}{vectors}" }),
            $"The reading prompt is '{{vectors}}{{vectors}}'; {PromptRule}"),
        ["reading 0"] = (Read(new() { MaxTokens = 0 }), "The reading's token limit is 0; use 1 to 100000."),
        ["reading 100001"] = (Read(new() { MaxTokens = 100_001 }), "The reading's token limit is 100001; use 1 to 100000."),
        ["copies 0"] = (Read(new() { Repeat = 0 }), "The number of copies is 0; use 1 to 1000."),
        ["copies 1001"] = (Read(new() { Repeat = 1001 }), "The number of copies is 1001; use 1 to 1000."),
        ["readings -1"] = (Read(new() { Readings = -1 }), "The number of readings is -1; use 0 to 10000."),
        ["reader's draw"] = (
            Read(new() { Draw = new() { Temperature = float.NaN } }), "Temperature is NaN; use a value from 1E-30 to 1E+30."),
        ["no draw"] = (Read(new() { Draw = null! }), "Draw is null; leave it out for the defaults."),
        ["strategy"] = (new() { Strategy = new ScriptedStrategy(1) { Problem = "Its script is bad." } }, "Its script is bad."),
        ["mixture"] = (
            new() { Strategy = new SoftThinking { Mix = new() { MaxTopK = 257 } } }, "MaxTopK is 257; use 1 to 256."),
        ["hidden"] = (
            new() { Strategy = new HiddenState { Mix = new() { TopK = -1 } } }, "TopK is -1; use 1 or more, or 0 to switch it off."),
        ["answer's draw"] = (
            new() { Answer = new TokenDecoding { Mix = new() { Temperature = 0 } } }, "Temperature is 0; use a value from 1E-30 to 1E+30."),
    };

    public static TheoryData<string> Bad => [.. s_bad.Keys];

    [Theory, MemberData(nameof(Bad))]
    public void FindProblems_BadValue_SaysWhatAndWhatInstead(string bad)
    {
        (ThinkOptions options, string problem) = s_bad[bad];
        Assert.Equal([problem], options.FindProblems());
    }

    [Fact]
    public void FindProblems_Defaults_HaveNone()
    {
        Assert.Empty(new ThinkOptions().FindProblems());
        Assert.Empty(new ModelOptions().FindProblems());
        Assert.Empty(new ThinkOptions { ChunkLength = 100_000, MaxSteps = 1_000_000, AnswerTokens = 0 }.FindProblems());
    }

    [Fact]
    public void FindProblems_SeveralBadValues_ListsThemAll()
    {
        ThinkOptions options = new()
        {
            MaxSteps = -5, ColdStop = new ColdStop { Entropy = -1, Patience = 0 }, Reader = new ReadOptions { MaxTokens = 0 },
        };
        Assert.Equal(4, options.FindProblems().Count);
    }

    [Theory]
    [InlineData(15, null, null, "The context is 15; use at least 16,")]
    [InlineData(null, -1, null, "GPU layers are -1; use 0 or more,")]
    [InlineData(null, null, 0, "Threads are 0; use 1 to 512,")]
    [InlineData(null, null, 513, "Threads are 513; use 1 to 512,")]
    public void FindProblems_BadModelOption_SaysWhatAndWhatInstead(int? context, int? layers, int? threads, string problem)
    {
        ModelOptions options = new() { ContextLength = context, GpuLayers = layers, Threads = threads };
        Assert.StartsWith(problem, Assert.Single(options.FindProblems()), StringComparison.Ordinal);
    }

    private static ThinkOptions Cold(ColdStop rule) => new() { ColdStop = rule };

    private static ThinkOptions Read(ReadOptions read) => new() { Reader = read };
}
