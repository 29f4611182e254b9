using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Writer and reader by turns: what is read, what takes whose place, and that neither disturbs the
/// other.</summary>
public sealed class DialogueTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";
    private const double WeightBound = 2e-2; // rows lie in another order in the cache of half floats

    private static readonly MixOptions s_mix = new() { MaxTopK = 3 };

    private static readonly ThinkOptions s_options = new()
    {
        Strategy = new SoftThinking { Mix = s_mix },
        ColdStop = new ColdStop { Entropy = 0 },
        Reader = new ReadOptions { MaxTokens = 6 },
        MaxSteps = 10,
        AnswerTokens = 12,
        ThinkEnd = "",
    };

    public static TheoryData<TinyArchitecture> Architectures => [.. TinyDesigns.Thinking];

    [Theory, MemberData(nameof(Architectures))]
    public void Think_Chunks_EqualARunByHand(TinyArchitecture kind) => AssertAsByHand(models.Tiny(kind), 4);

    [Fact]
    public void Think_ChunksOfStories_EqualARunByHand() => AssertAsByHand(models.Stories(), 4);

    [Theory, MemberData(nameof(Architectures))]
    public void Think_NoChunks_EqualARunWithoutReader(TinyArchitecture kind) => AssertAsByHand(models.Tiny(kind), 0);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(4, 3)]
    [InlineData(5, 2)]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    public void Think_Chunks_CoverTheStepsWithoutGap(int length, int count)
    {
        Trace trace = Runs.Think(models.Tiny(TinyArchitecture.Qwen2), Prompt, s_options with { ChunkLength = length });
        Assert.Equal((10, count), (trace.Steps.Count, trace.Chunks.Count));
        int next = 0;
        foreach (TraceChunk chunk in trace.Chunks)
        {
            Assert.Equal(next, chunk.FirstStep);
            Assert.Equal(Math.Min(length, 10 - next), chunk.StepCount);
            next += chunk.StepCount;
        }

        Assert.Equal(10, next);
    }

    [Fact]
    public void Think_NoChunks_ReaderLeavesTheAnswerAlone()
    {
        string answer = Answer("The meaning of ({vectors}) in plain English is", 6);
        Assert.NotEmpty(answer);
        Assert.Equal(answer, Answer("{vectors}", 1));
        Assert.Equal(answer, Answer("What is {vectors}? the cat", 40));

        string Answer(string reader, int most) => Runs.Think(models.Tiny(TinyArchitecture.Qwen2), Prompt, s_options with
        {
            Reader = new ReadOptions { Prompt = reader, MaxTokens = most },
        }).Answer;
    }

    [Fact]
    public void Think_ChunksThatDoNotFitAReading_IsInputError()
    {
        ThinkOptions options = s_options with { ChunkLength = 250 };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => Runs.Think(models.Tiny(TinyArchitecture.Qwen2), Prompt, options));
        Assert.Contains("Chunks of 250 vectors do not fit a reading; at most ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Think_ReadingThatFillsTheContext_IsInputError()
    {
        ThinkOptions options = s_options with { Reader = new ReadOptions { MaxTokens = 256 } };
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => Runs.Think(models.Tiny(TinyArchitecture.Qwen2), Prompt, options));
        Assert.Contains("leave no room for vectors: the context holds 256", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Think_ContextFullAtTheEndOfADialogue_AnswersInTheRoomThatTheLastReadingMade()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, context: 64);
        ThinkOptions options = s_options with
        {
            Reader = new ReadOptions { Prompt = "{vectors}", MaxTokens = 2 }, ChunkLength = 40, MaxSteps = 500, AnswerTokens = 4,
        };

        Trace trace = Runs.Think(model, string.Concat(Enumerable.Repeat(" the", 50)), options);

        Assert.Equal("contextFull", trace.Stop);
        Assert.True(trace.Chunks[^1].Replaced);
        Assert.NotEmpty(trace.Answer);
    }

    [Fact]
    public void Think_ReadingLongerThanTheRoomLeft_LeavesTheVectorsAndSaysSo()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, context: 64);
        ThinkOptions options = s_options with
        {
            Reader = new ReadOptions { Prompt = "{vectors}", MaxTokens = 20 }, ChunkLength = 1, MaxSteps = 500,
        };

        Trace trace = Runs.Think(model, " the", options);

        Assert.Contains(trace.Chunks, chunk => chunk.Replaced);
        Assert.Contains(trace.Chunks, chunk => !chunk.Replaced && chunk.Translation.Length > 0);
    }

    [Fact]
    public void Think_WithoutAReader_NeedsNoRoomForOneAndReadsNothing()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, context: 16);
        ThinkOptions options = s_options with { MaxSteps = 4, AnswerTokens = 2 };
        Assert.Throws<ConceptInputException>(() => Runs.Think(model, " the", options));

        Trace trace = Runs.Think(model, " the", options with { Reader = null });

        Assert.Equal(4, trace.Steps.Count);
        Assert.Empty(trace.Chunks);
        Assert.Null(trace.Settings["reader"]);
    }

    [Fact]
    public void Think_ThoughtLongerThanAReading_IsReadInParts()
    {
        ReadOptions reader = new() { Prompt = "{vectors}", MaxTokens = 58 };
        Trace trace = Runs.Think(models.Tiny(TinyArchitecture.Qwen2, context: 64), " the", s_options with
        {
            Reader = reader, MaxSteps = 14, AnswerTokens = 0,
        });
        Assert.Equal([(0, 6), (6, 6), (12, 2)], trace.Chunks.Select(chunk => (chunk.FirstStep, chunk.StepCount)));
    }

    [Fact]
    public void Read_RowsOfTokens_EqualsTheTokensThemselves()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Gemma3); // rows are scaled there
        using ConceptSession session = model.CreateSession();
        CancellationToken token = TestContext.Current.CancellationToken;
        int[] content = model.Tokenizer.EncodeContinuation(" Paris capital");
        ReadOptions options = new() { Prompt = "What is{vectors} in", MaxTokens = 8 };
        string read = session.Read(session.Embeddings.Rows(content), options, token);

        // The same prompt with the tokens in the slot, fed in the same batches.
        session.Decoder.TryRewind(0, 0);
        session.Decoder.Feed(0, model.Tokenizer.EncodePrompt("What is", markers: true), GgufConcepts.Decoding.Outputs.None, token);
        session.Decoder.Feed(0, content, GgufConcepts.Decoding.Outputs.None, token);
        session.Decoder.Feed(0, model.Tokenizer.EncodeContinuation(" in"), GgufConcepts.Decoding.Outputs.Logits, token);
        List<int> words = [];
        for (int i = 0; i < 8; i++)
        {
            float[] logits = session.Decoder.Logits().ToArray();
            int next = Array.IndexOf(logits, logits.Max());
            if (model.Tokenizer.IsEndOfText(next) || (i > 0 && model.Tokenizer.Text(next).Contains('\n')))
            {
                break;
            }

            words.Add(next);
            session.Decoder.Feed(0, [next], GgufConcepts.Decoding.Outputs.Logits, token);
        }

        Assert.NotEmpty(words);
        Assert.Equal(model.Tokenizer.Decode([.. words]).Trim(), read);
    }

    [Fact]
    public void Read_BadInput_IsRefused()
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using ConceptSession session = model.CreateSession();
        CancellationToken token = TestContext.Current.CancellationToken;
        Assert.Equal("vectors", Assert.Throws<ArgumentException>(() => session.Read(new float[63], null, token)).ParamName);
        Assert.Equal("vectors", Assert.Throws<ArgumentException>(() => session.Read([], null, token)).ParamName);
        float[] nan = new float[64];
        nan[5] = float.NaN;
        Assert.Equal("vectors", Assert.Throws<ArgumentException>(() => session.Read(nan, null, token)).ParamName);
        Assert.Contains(
            "300 vectors are too many for one reading; at most ",
            Assert.Throws<ConceptInputException>(() => session.Read(new float[300 * 64], null, token)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ConceptInputException>(() => session.Read(new float[64], new ReadOptions { Prompt = "no slot" }, token));
        Assert.NotNull(session.Read(new float[64], null, token)); // and it still reads
    }

    private static void AssertAsByHand(ConceptModel model, int chunk)
    {
        Trace trace = Runs.Think(model, Prompt, s_options with { ChunkLength = chunk });
        HandThought hand = new(model, s_mix);
        hand.Run(Prompt, s_options.MaxSteps, chunk, s_options.Reader!, s_options.AnswerTokens);

        Assert.Equal(hand.Steps.Select(step => step.Position), trace.Steps.Select(step => step.Position));
        foreach (((int _, int[] ids, float[] weights), TraceStep step) in hand.Steps.Zip(trace.Steps))
        {
            Assert.Equal(ids, step.Tokens.Select(token => token.Id));
            Assert.All(
                weights.Zip(step.Tokens), pair => Assert.Equal(pair.First, pair.Second.Probability, WeightBound));
        }

        int[] answer = [.. hand.Answer.TakeWhile(id => !model.Tokenizer.IsEndOfText(id))];
        TextAssembler text = new(model.Tokenizer);
        Assert.Equal(string.Concat(answer.Select(text.Add)) + text.Finish(), trace.Answer);
        if (chunk == 0)
        {
            return;
        }

        Assert.Equal(hand.Readings.Select(words => model.Tokenizer.Decode(words).Trim()), trace.Chunks.Select(at => at.Translation));
        int position = trace.PromptTokens.Count;
        foreach ((TraceChunk at, int[] words) in trace.Chunks.Zip(hand.Readings))
        {
            Assert.NotEmpty(words);
            Assert.Equal(position, trace.Steps[at.FirstStep].Position);
            position += words.Length; // the words took the vectors' place
        }
    }
}
