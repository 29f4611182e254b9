using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Every way a thought can end, and what is fed, read and answered then.</summary>
public sealed class StopReasonTests(LoadedModels models)
{
    private const int Unsure = ScriptedStrategy.Unsure;
    private const int Sure = 70;
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_options = new()
    {
        Reader = new ReadOptions { MaxTokens = 3 },
        AnswerTokens = 4,
        ThinkEnd = "",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    [Fact]
    public void Think_Limit_StopsAfterThatManySteps()
    {
        Trace trace = Think(new ScriptedStrategy(Unsure), s_options with { MaxSteps = 5 });
        Assert.Equal(("maxSteps", 5), (trace.Stop, trace.Steps.Count));
        Assert.NotEmpty(trace.Answer);
        TraceChunk chunk = Assert.Single(trace.Chunks);
        Assert.Equal((0, 5), (chunk.FirstStep, chunk.StepCount));
    }

    [Fact]
    public void Think_SureForLongEnough_StopsCold()
    {
        ScriptedStrategy strategy = new(Unsure, Sure, Sure, Unsure, Sure, Sure, Sure, Unsure);
        Trace trace = Think(strategy, s_options);
        Assert.Equal(("coldStop", 7), (trace.Stop, trace.Steps.Count));
        Assert.NotEmpty(trace.Answer);
    }

    [Fact]
    public void Think_ColdStopOff_GoesOn()
    {
        Trace trace = Think(new ScriptedStrategy(Sure), s_options with { MaxSteps = 9, ColdStop = new ColdStop { Entropy = 0 } });
        Assert.Equal(("maxSteps", 9), (trace.Stop, trace.Steps.Count));
    }

    [Fact]
    public void Think_SureAndAMarkerExists_MarkerTakesTheLastStepsPlace()
    {
        ScriptedStrategy strategy = new(Unsure, Sure, Sure, Sure);
        Trace trace = Think(strategy, s_options with { ThinkEnd = TinyVocabulary.ImStart });
        Assert.Equal(("coldStop", 4), (trace.Stop, trace.Steps.Count));
        AssertMarkerIsLast(trace);
        Assert.Equal(3, Assert.Single(trace.Chunks).StepCount); // the marker is no part of the thought that is read
    }

    [Fact]
    public void Think_LimitAndAMarkerExists_MarkerFollowsTheLastStep()
    {
        Trace trace = Think(
            new ScriptedStrategy(Unsure), s_options with { MaxSteps = 3, ThinkEnd = TinyVocabulary.ImStart });
        Assert.Equal(("maxSteps", 4), (trace.Stop, trace.Steps.Count)); // three steps and the marker
        Assert.Equal([false, false, false, true], trace.Steps.Select(step => step.Marker));
        AssertMarkerIsLast(trace);
    }

    [Fact]
    public void Think_ModelSaysTheMarker_StopsAndFeedsIt()
    {
        ScriptedStrategy strategy = new(Unsure, Unsure, TinyVocabulary.ImStartId);
        Trace trace = Think(strategy, s_options with { ThinkEnd = TinyVocabulary.ImStart });
        Assert.Equal(("endMarker", 3), (trace.Stop, trace.Steps.Count));
        AssertMarkerIsLast(trace);
        Assert.NotEmpty(trace.Answer);
    }

    [Fact]
    public void Think_MarkerAndColdStopInOneStep_MarkerWins()
    {
        Trace trace = Think(
            new ScriptedStrategy(Sure, Sure, TinyVocabulary.ImStartId), s_options with { ThinkEnd = TinyVocabulary.ImStart });
        Assert.Equal("endMarker", trace.Stop);
    }

    [Fact]
    public void Think_MarkerOfSeveralTokens_IsMatchedAsTheirSequence()
    {
        int[] marker = Model.Tokenizer.EncodeContinuation(" cat dog");
        Assert.Equal(2, marker.Length);
        ScriptedStrategy strategy = new(Unsure, marker[0], Unsure, marker[1], marker[0], marker[1], Unsure);
        Trace trace = Think(strategy, s_options with { ThinkEnd = " cat dog", ColdStop = new ColdStop { Entropy = 0 } });
        Assert.Equal(("endMarker", 6), (trace.Stop, trace.Steps.Count));
        Assert.Equal(("token", marker[1]), (trace.Steps[^1].Kind, trace.Steps[^1].Chosen!.Id));
        Assert.Equal(5, Assert.Single(trace.Chunks).StepCount); // all but the marker's last token was thought
    }

    [Fact]
    public void Think_LimitAndAMarkerOfSeveralTokens_GivesThemAll()
    {
        int[] marker = Model.Tokenizer.EncodeContinuation(" cat dog");
        Trace trace = Think(new ScriptedStrategy(Unsure), s_options with { MaxSteps = 3, ThinkEnd = " cat dog" });
        Assert.Equal(("maxSteps", 5), (trace.Stop, trace.Steps.Count)); // three steps and two tokens
        Assert.Equal(marker, trace.Steps.Skip(3).Select(step => step.Chosen!.Id));
        Assert.All(trace.Steps.Skip(3), step => Assert.True(step.Marker));
        Assert.Equal(trace.PromptTokens.Count + 4, trace.Steps[^1].Position);
    }

    /// <summary>Coconut's form: so many states, then the marker is given, whatever the model would have said.</summary>
    [Fact]
    public void Think_FixedLength_HasJustThatManySteps()
    {
        ThinkOptions options = s_options with
        {
            MaxSteps = 4, FixedLength = true, ThinkEnd = TinyVocabulary.ImStart, ColdStop = new ColdStop { Entropy = 100, Patience = 1 },
        };
        foreach (int said in (int[])[TinyVocabulary.ImEndId, TinyVocabulary.ImStartId, Sure]) // ends the text, the thought, neither
        {
            Trace trace = Think(new ScriptedStrategy(said), options);
            Assert.Equal("maxSteps", trace.Stop);
            Assert.Equal([false, false, false, false, true], trace.Steps.Select(step => step.Marker));
            Assert.NotNull(trace.AnswerStop);
        }
    }

    [Fact]
    public void Think_MarkerWithoutTokens_IsInputError()
    {
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => Runs.Think(models.Committed("reach-latent"), "A", s_options with { ThinkEnd = "<nope>" }));
        Assert.Equal("The marker '<nope>' has no tokens in this vocabulary; use one that it has.", refused.Message);
    }

    public static TheoryData<string> Presets => [.. PresetCatalog.All.Select(preset => preset.Name)];

    /// <summary>Every preset on a model that has its markers, cut to a few steps where it would take thousands.</summary>
    [Theory, MemberData(nameof(Presets))]
    public void Think_Preset_RunsToItsAnswer(string name)
    {
        ThinkOptions preset = PresetCatalog.Find(name).Options;
        Trace trace = Think(preset.Strategy, preset with
        {
            MaxSteps = Math.Min(preset.MaxSteps, 30),
            AnswerTokens = Math.Min(preset.AnswerTokens, 3),
            ThinkStart = preset.ThinkStart is null ? null : TinyVocabulary.ImStart,
            ThinkEnd = preset.ThinkEnd is null or "" ? preset.ThinkEnd : " cat",
        });
        TraceStep[] steps = [.. trace.Steps.Where(step => !step.Marker)];
        if (preset.FixedLength)
        {
            Assert.Equal(preset.MaxSteps, steps.Length);
        }

        Assert.Equal(name == "coconut" ? 1 : 0, trace.Steps.Count - steps.Length);
        Assert.All(steps, step => Assert.Equal(name is "coconut" or "latentmas", step.Kind == "hidden"));
        Assert.Equal(preset.AnswerTokens > 0 && trace.Stop != "endOfText", trace.AnswerStop is not null);
    }

    [Fact]
    public void Think_StartMarker_IsFedAfterThePromptAsAToken()
    {
        Trace trace = Think(new ScriptedStrategy(Unsure), s_options with { MaxSteps = 2, ThinkStart = TinyVocabulary.ImStart });
        Assert.Equal([.. Model.Tokenizer.EncodePrompt(Prompt), TinyVocabulary.ImStartId], trace.PromptTokens);
        Assert.Equal(trace.PromptTokens.Count, trace.Steps[0].Position);
    }

    [Fact]
    public void Think_RuleEndsIt_GivesTheMarkerAndAnswers()
    {
        Trace trace = Think(
            new SwitchThinking { Window = 0, MaxSwitches = 1 },
            s_options with { MaxSteps = 200, ThinkEnd = TinyVocabulary.ImStart, ColdStop = new ColdStop { Entropy = 0 } });
        Assert.Equal("strategy", trace.Stop);
        AssertMarkerIsLast(trace);
        Assert.NotEmpty(trace.Answer);
    }

    [Theory]
    [InlineData(4, "maxTokens")]
    [InlineData(0, null)]
    public void Think_Answer_SaysWhyItStopped(int tokens, string? expected)
    {
        Trace trace = Think(new ScriptedStrategy(Unsure), s_options with { MaxSteps = 2, AnswerTokens = tokens });
        Assert.Equal(expected, trace.AnswerStop);
        Assert.Equal(tokens == 0 ? null : tokens, trace.AnswerTokens?.Count);
    }

    /// <summary>The answer's sampling is its own: however hot the thought, a greedy answer is the one a greedy run gives
    /// from the same place, and a hot one is not.</summary>
    [Fact]
    public void Think_Answer_HasSamplingOfItsOwn()
    {
        ThinkOptions hot = s_options with
        {
            Strategy = new TokenDecoding { Mix = new() { Temperature = 5 } }, MaxSteps = 6, AnswerTokens = 12, Seed = 3,
            ColdStop = new ColdStop { Entropy = 0 },
        };
        Trace trace = Runs.Think(Model, Prompt, hot);
        using ConceptSession session = Model.CreateSession();
        session.Decoder.Feed(
            0, [.. trace.PromptTokens, .. trace.Steps.Select(step => step.Chosen!.Id)], Outputs.Logits, Token);
        foreach (int token in trace.AnswerTokens!)
        {
            float[] logits = session.Decoder.Logits().ToArray();
            Assert.Equal(Array.IndexOf(logits, logits.Max()), token);
            session.Decoder.Feed(0, [token], Outputs.Logits, Token);
        }

        Trace drawn = Runs.Think(Model, Prompt, hot with { Answer = new TokenDecoding { Mix = new() { Temperature = 5 } } });
        Assert.Equal(trace.Steps.Select(step => step.Chosen), drawn.Steps.Select(step => step.Chosen));
        Assert.NotEqual(trace.AnswerTokens, drawn.AnswerTokens);
    }

    [Fact]
    public void Think_ModelEndsTheText_StopsWithoutAnswer()
    {
        Trace trace = Think(new ScriptedStrategy(Unsure, Unsure, TinyVocabulary.ImEndId), s_options);
        Assert.Equal(("endOfText", 2, ""), (trace.Stop, trace.Steps.Count, trace.Answer));
        Assert.Equal(2, Assert.Single(trace.Chunks).StepCount); // what was thought is still read
    }

    [Fact]
    public void Think_ModelEndsTheTextAtOnce_ReadsNothing()
    {
        Trace trace = Think(new ScriptedStrategy(TinyVocabulary.ImEndId), s_options);
        Assert.Equal(("endOfText", 0, ""), (trace.Stop, trace.Steps.Count, trace.Answer));
        Assert.Empty(trace.Chunks);
    }

    [Fact]
    public void Think_TrainedEndOfText_StopsThere()
    {
        using ConceptSession session = Model.CreateSession();
        int next = session.ListNext(Prompt, 1, 1, TestContext.Current.CancellationToken).Tokens[0].Id;
        Dictionary<string, object?> settings = new() { ["tokenizer.ggml.eos_token_id"] = next };
        ConceptModel ending = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { Settings = settings });
        Assert.Equal("endOfText", Runs.Think(ending, Prompt, s_options).Stop);
        Trace tokens = Runs.Think(ending, Prompt, s_options with { Strategy = new TokenDecoding { Greedy = true } });
        Assert.Equal(("endOfText", 0), (tokens.Stop, tokens.Steps.Count));
        Assert.True(ending.Tokenizer.NeverMixed.Contains(next));
    }

    [Fact]
    public void Think_ContextFull_StopsAtItsLastRow()
    {
        ConceptModel small = models.Tiny(TinyArchitecture.Qwen2, context: 24);
        ReadOptions reader = new() { Prompt = "{vectors}", MaxTokens = 2 };
        Trace trace = Runs.Think(
            small, Prompt, s_options with { Strategy = new ScriptedStrategy(Unsure), MaxSteps = 100, Reader = reader });
        Assert.Equal("contextFull", trace.Stop);
        Assert.Equal(24 - trace.PromptTokens.Count, trace.Steps.Count);
        Assert.Equal(23, trace.Steps[^1].Position);
        Assert.Equal("", trace.Answer);
        Assert.Equal(trace.Steps.Count, trace.Chunks.Sum(chunk => chunk.StepCount));
    }

    [Fact]
    public void Think_Answer_EndsWhereTheContextDoes()
    {
        ConceptModel small = models.Tiny(TinyArchitecture.Qwen2, context: 24);
        ReadOptions reader = new() { Prompt = "{vectors}", MaxTokens = 2 };
        Trace trace = Runs.Think(small, Prompt, s_options with
        {
            Strategy = new ScriptedStrategy(Unsure), MaxSteps = 10, Reader = reader, AnswerTokens = 1000,
        });
        Assert.Equal(("maxSteps", 10), (trace.Stop, trace.Steps.Count));
        Assert.Equal("contextFull", trace.AnswerStop);
        Assert.Equal(24 - trace.PromptTokens.Count - 10, trace.AnswerTokens!.Count); // to the last row
    }

    [Theory]
    [InlineData(16)] // the prompt alone is longer
    [InlineData(24)]
    public void Think_PromptFillsTheContext_IsInputErrorOrFullAtOnce(int context)
    {
        ConceptModel small = models.Tiny(TinyArchitecture.Qwen2, context: context);
        string prompt = string.Concat(Enumerable.Repeat(" the", 24));
        ThinkOptions options = s_options with { Reader = new ReadOptions { Prompt = "{vectors}", MaxTokens = 2 } };
        if (context < 24)
        {
            ConceptInputException refused = Assert.ThrowsAny<ConceptInputException>(() => Runs.Think(small, prompt, options));
            Assert.IsType<GgufConcepts.Decoding.ContextFullException>(refused);
            Assert.Contains("A prompt of 24 tokens does not fit the context, which holds 16.", refused.Message, StringComparison.Ordinal);
            return;
        }

        Trace trace = Runs.Think(small, prompt, options);
        Assert.Equal(("contextFull", 0), (trace.Stop, trace.Steps.Count));
    }

    [Fact]
    public void Generate_EachEnd_IsNamed()
    {
        TokenDecoding greedy = new() { Greedy = true };
        Assert.Equal(StopReason.MaxSteps, End(Model, greedy, 4));
        Assert.Equal(StopReason.ContextFull, End(models.Tiny(TinyArchitecture.Qwen2, context: 16), greedy, 100));
    }

    private static StopReason End(ConceptModel model, TokenDecoding strategy, int most)
    {
        using ConceptSession session = model.CreateSession();
        return session.Generate(Prompt, strategy, most, cancellation: TestContext.Current.CancellationToken)
            .OfType<ThoughtEnded>().Single().Reason;
    }

    private Trace Think(IStrategy strategy, ThinkOptions options) =>
        Runs.Think(Model, Prompt, options with { Strategy = strategy });

    private static void AssertMarkerIsLast(Trace trace)
    {
        TraceStep last = trace.Steps[^1];
        Assert.Equal(("token", new TraceChosen(TinyVocabulary.ImStartId, TinyVocabulary.ImStart)), (last.Kind, last.Chosen));
        Assert.Equal(trace.PromptTokens.Count + trace.Steps.Count - 1, last.Position);
        Assert.DoesNotContain(trace.Steps.SkipLast(1), step => step.Chosen?.Id == TinyVocabulary.ImStartId);
    }
}
