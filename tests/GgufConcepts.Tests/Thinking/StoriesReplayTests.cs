using System.Runtime.InteropServices;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Whole thoughts of a trained model, done again by a forward pass of our own in double precision.</summary>
public sealed class StoriesReplayTests(LoadedModels models)
{
    private const string Prompt = "Once upon a time";
    private const int Steps = 24;

    private const double Bound = 1e-3; // of probabilities, of entropies in nats, and of states, which reach 16

    /// <summary>What the model is known to write after the prompt when it always takes the likeliest token.</summary>
    private const string KnownText =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, " +
        "red ball. She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was " +
        "sad and didn't know what to do.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Think_Soft_EqualsFloat64Replay()
    {
        Trace trace = Run(new SoftThinking());
        (double entropy, double probability) = ReplaySoft(trace, mixed: 10);
        Assert.InRange(entropy, 0, Bound);
        Assert.InRange(probability, 0, Bound);

        // The control: a mixture that lacks its least token, 1 to 3 % of it, is told apart with ease.
        Assert.True(ReplaySoft(trace, mixed: 9).Entropy > 10 * Bound);
    }

    [Fact]
    public void Think_Hidden_EqualsFloat64Replay()
    {
        Trace trace = Run(new HiddenState());
        Float64Llama model = new(RealModels.Stories!);
        (double[] hidden, double[] logits) = FeedPrompt(model, trace);
        foreach (TraceStep step in trace.Steps)
        {
            Assert.Equal("hidden", step.Kind);
            double[] probabilities = Float64Llama.Softmax(logits);
            (double entropy, double probability) = Differences(step, probabilities);
            Assert.InRange(entropy, 0, Bound);
            Assert.InRange(probability, 0, Bound);
            float[] fed = MemoryMarshal.Cast<byte, float>(step.Vector).ToArray();
            Assert.Equal(hidden.Length, fed.Length);
            Assert.All(fed.Zip(hidden), pair => Assert.Equal(pair.Second, pair.First, Bound));
            (hidden, logits) = model.Feed(hidden);
        }
    }

    [Fact]
    public void Generate_Greedy_WritesTheKnownText()
    {
        using ConceptSession session = models.Stories().CreateSession();
        string text = Prompt + string.Concat(
            session.Generate(Prompt, new TokenDecoding { Greedy = true }, 120, cancellation: Token)
                .OfType<AnswerPiece>().Select(piece => piece.Text));
        Assert.StartsWith(KnownText, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_Greedy_EqualsFloat64Replay()
    {
        ConceptModel stories = models.Stories();
        using ConceptSession session = stories.CreateSession();
        List<ThoughtEvent> events =
            [.. session.Generate(Prompt, new TokenDecoding { Greedy = true }, 120, cancellation: Token)];
        Float64Llama model = new(RealModels.Stories!);
        double[] logits = [];
        foreach (int id in Assert.IsType<PromptRead>(events[0]).Tokens)
        {
            logits = model.Feed(model.Row(id)).Logits;
        }

        foreach (ConceptStep step in events.OfType<ConceptStep>())
        {
            Assert.Equal(Array.IndexOf(logits, logits.Max()), step.Chosen!.Value.Id);
            logits = model.Feed(model.Row(step.Chosen.Value.Id)).Logits;
        }
    }

    private Trace Run(IStrategy strategy)
    {
        ConceptModel stories = models.Stories();
        using ConceptSession session = stories.CreateSession();
        ThinkOptions options = new()
        {
            Strategy = strategy,
            MaxSteps = Steps,
            ColdStop = new ColdStop { Entropy = 0 },
            AnswerTokens = 0,
        };
        TraceRecorder recorder = new(stories.Info, Prompt, strategy.Name, options.Settings, options.Seed);
        foreach (ThoughtEvent happened in session.Think(Prompt, options, Token))
        {
            recorder.Add(happened);
        }

        Trace trace = recorder.Build();
        Assert.Equal((Steps, "maxSteps"), (trace.Steps.Count, trace.Stop));
        return trace;
    }

    private static (double[] Hidden, double[] Logits) FeedPrompt(Float64Llama model, Trace trace)
    {
        (double[], double[]) last = ([], []);
        foreach (int id in trace.PromptTokens)
        {
            last = model.Feed(model.Row(id));
        }

        return last;
    }

    /// <summary>Thinks the whole thought again, feeding its own mixtures; gives the largest differences from the
    /// trace.</summary>
    private static (double Entropy, double Probability) ReplaySoft(Trace trace, int mixed)
    {
        Float64Llama model = new(RealModels.Stories!);
        double[] logits = FeedPrompt(model, trace).Logits;
        (double Entropy, double Probability) worst = (0, 0);
        foreach (TraceStep step in trace.Steps)
        {
            double[] probabilities = Float64Llama.Softmax(logits);
            (double entropy, double probability) = Differences(step, probabilities);
            worst = (Math.Max(worst.Entropy, entropy), Math.Max(worst.Probability, probability));

            int[] ids = [.. Enumerable.Range(0, probabilities.Length).OrderByDescending(id => probabilities[id]).Take(mixed)];
            double sum = ids.Sum(id => probabilities[id]);
            double[] vector = new double[model.Width];
            foreach (int id in ids)
            {
                ReadOnlySpan<double> row = model.Row(id);
                for (int i = 0; i < vector.Length; i++)
                {
                    vector[i] += probabilities[id] / sum * row[i];
                }
            }

            logits = model.Feed(vector).Logits;
        }

        return worst;
    }

    /// <summary>How far a step is from a distribution: its entropy, and its ten weights, by rank and by
    /// token.</summary>
    private static (double Entropy, double Probability) Differences(TraceStep step, double[] probabilities)
    {
        Assert.Equal(10, step.Tokens.Count);
        double[] largest = [.. probabilities.OrderDescending().Take(10)];
        double sumByRank = largest.Sum();
        double sumByToken = step.Tokens.Sum(token => probabilities[token.Id]);
        double byRank = step.Tokens.Zip(largest, (token, p) => Math.Abs(token.Probability - (p / sumByRank))).Max();
        double byToken = step.Tokens.Max(token => Math.Abs(token.Probability - (probabilities[token.Id] / sumByToken)));
        double entropy = -probabilities.Sum(p => p > 0 ? p * Math.Log(p) : 0);
        return (Math.Abs(entropy - step.Entropy), Math.Max(byRank, byToken));
    }
}
