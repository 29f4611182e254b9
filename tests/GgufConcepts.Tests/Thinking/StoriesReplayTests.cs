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

    private const double Bound = 1e-3; // of probabilities, entropies in nats, and states, which reach 16

    /// <summary>What the model is known to write after the prompt (greedy; run.c of llama2.c prints the same).</summary>
    private const string KnownText =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, " +
        "red ball. She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was " +
        "sad and didn't know what to do.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Think_Soft_EqualsFloat64Replay()
    {
        Trace trace = Run(new SoftThinking());
        Float64Llama model = new(RealModels.Stories!);
        double[] logits = FeedPrompt(model, trace).Logits;
        foreach (TraceStep step in trace.Steps)
        {
            double[] probabilities = Float64Llama.Softmax(logits);
            (int Id, double Weight)[] mixture = Largest(probabilities, 10);
            AssertStep(step, probabilities, mixture);

            double[] vector = new double[model.Width];
            foreach ((int id, double weight) in mixture)
            {
                ReadOnlySpan<double> row = model.Row(id);
                for (int i = 0; i < vector.Length; i++)
                {
                    vector[i] += weight * row[i];
                }
            }

            logits = model.Feed(vector).Logits;
        }
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
            AssertStep(step, probabilities, Largest(probabilities, 10));
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
            [.. session.Generate(Prompt, new TokenDecoding { Greedy = true }, 40, cancellation: Token)];
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

    private static (int Id, double Weight)[] Largest(double[] probabilities, int count)
    {
        int[] ids = [.. Enumerable.Range(0, probabilities.Length).OrderByDescending(id => probabilities[id]).Take(count)];
        double sum = ids.Sum(id => probabilities[id]);
        return [.. ids.Select(id => (id, probabilities[id] / sum))];
    }

    private static double Entropy(double[] probabilities) => -probabilities.Sum(p => p > 0 ? p * Math.Log(p) : 0);

    private static void AssertStep(TraceStep step, double[] probabilities, (int Id, double Weight)[] mixture)
    {
        Assert.Equal(Entropy(probabilities), step.Entropy, Bound);
        Assert.Equal(mixture.Length, step.Tokens.Count);
        double sum = step.Tokens.Sum(token => probabilities[token.Id]);
        foreach ((TraceToken token, (int _, double weight)) in step.Tokens.Zip(mixture))
        {
            Assert.Equal(weight, token.Probability, Bound); // rank by rank, and token by token: equals may swap
            Assert.Equal(probabilities[token.Id] / sum, token.Probability, Bound);
        }
    }
}
