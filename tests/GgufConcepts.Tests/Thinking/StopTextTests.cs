using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Answers that follow a prompt at once, end at a text, and tell how likely they were.</summary>
public sealed class StopTextTests(LoadedModels models)
{
    private const string Prompt = "The capital of France is";

    private static readonly ThinkOptions s_plain = new() { MaxSteps = 0, AnswerTokens = 24 };

    private ConceptModel Atlas => models.Committed("atlas");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("soft")]
    [InlineData("hidden")]
    [InlineData("switch")]
    public void Think_NoSteps_AnswersAsGenerateDoes(string strategy)
    {
        ThinkOptions options = s_plain with { Strategy = StrategyCatalog.Standard.Make(strategy) };
        using ConceptSession session = Atlas.CreateSession();
        string generated = string.Concat(session.Generate(Prompt, new TokenDecoding { Greedy = true }, 24, cancellation: Token)
            .OfType<AnswerPiece>().Select(piece => piece.Text));
        Trace trace = Runs.Think(Atlas, Prompt, options);
        Assert.Equal(generated, trace.Answer);
        Assert.NotEmpty(generated);
        Assert.Equal((0, 0, "maxSteps"), (trace.Steps.Count, trace.Chunks.Count, trace.Stop));
    }

    [Fact]
    public void Think_StopText_EndsTheAnswerBeforeIt()
    {
        string whole = Runs.Think(Atlas, Prompt, s_plain).Answer;
        string stop = whole[3..6]; // within a token, or across two: it is text that ends it
        using ConceptSession session = Atlas.CreateSession();
        ThoughtEvent[] events = [.. session.Think(Prompt, s_plain with { StopTexts = ["never said", stop] }, Token)];
        string answer = string.Concat(events.OfType<AnswerPiece>().Select(piece => piece.Text));
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], answer);
        Assert.Equal(StopReason.StopText, Assert.IsType<ThoughtEnded>(events[^1]).AnswerReason);
    }

    [Fact]
    public void Think_StopTextThatNeverComesWhole_TakesNothingAway()
    {
        string whole = Runs.Think(Atlas, Prompt, s_plain).Answer;
        Trace trace = Runs.Think(Atlas, Prompt, s_plain with { StopTexts = [whole[^2..] + "\u0001"] });
        Assert.Equal(whole, trace.Answer);
    }

    [Theory]
    [InlineData("ab", "xaby", "x", true)]
    [InlineData("aab", "xaaab", "xa", true)]
    [InlineData("abc", "ababd", "ababd", false)]
    [InlineData("abc", "xab", "xab", false)]
    public void Add_LetterByLetter_HoldsBackNoMoreThanMayBeTheStop(string stop, string said, string kept, bool found)
    {
        StopTextWatch watch = new([stop]);
        string text = "";
        foreach (char letter in said)
        {
            text += watch.Add(letter.ToString());
            Assert.DoesNotContain(stop, text, StringComparison.Ordinal);
        }

        Assert.Equal((kept, found), (text + watch.Finish(), watch.Found));
    }

    [Fact]
    public void Think_Logprobs_AreTheLogarithmsOfTheModelsProbabilities()
    {
        using ConceptSession session = Atlas.CreateSession();
        AnswerPiece piece = session.Think(Prompt, s_plain with { AnswerTokens = 1, AnswerLogprobs = 5 }, Token).OfType<AnswerPiece>().First();
        NextTokens next = session.ListNext(Prompt, temperature: 1, count: 5, Token);
        Assert.Equal(next.Tokens.Select(token => token.Id), piece.Logprobs!.Top.Select(token => token.Id));
        Assert.All(next.Tokens.Zip(piece.Logprobs.Top), pair => Assert.Equal(Math.Log(pair.First.Probability), pair.Second.Logprob, 1e-4));
        Assert.Equal(piece.Logprobs.Top[0].Logprob, piece.Logprobs.Chosen.Logprob);
        Assert.Equal(piece.Token, piece.Logprobs.Chosen.Id);
    }

    [Fact]
    public void Think_LogprobsOfADrawnToken_AreThoseOfTemperatureOne()
    {
        ThinkOptions hot = s_plain with
        {
            AnswerTokens = 1, AnswerLogprobs = 0, Seed = 3,
            Answer = new TokenDecoding { Mix = new() { Temperature = 50f } }, // draws almost anything
        };
        using ConceptSession session = Atlas.CreateSession();
        TokenLogprobs logprobs = session.Think(Prompt, hot, Token).OfType<AnswerPiece>().First().Logprobs!;
        NextTokens next = session.ListNext(Prompt, temperature: 1, count: 256, Token);
        Assert.Empty(logprobs.Top);
        double least = Math.Log(next.Tokens[^1].Probability);
        double expected = next.Tokens.FirstOrDefault(token => token.Id == logprobs.Chosen.Id) is { Probability: > 0 } listed
            ? Math.Log(listed.Probability)
            : double.NaN;
        Assert.True(double.IsNaN(expected) ? logprobs.Chosen.Logprob <= least + 1e-4 : Math.Abs(expected - logprobs.Chosen.Logprob) < 1e-3);
    }
}
