using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Benchmarking;

/// <summary>Where both sides of a comparison take their steps: the same sequences, after the same prompt.</summary>
internal sealed class StepField : IDisposable
{
    private readonly ConceptModel _model;
    private readonly LlamaDecoder _llama;
    private readonly int[] _sequences; // after them, the one to go back to
    private readonly int[] _lastTokens;

    /// <param name="model">The model.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="batch">How many sequences take a step together.</param>
    /// <param name="steps">Most steps after the prompt.</param>
    public StepField(ConceptModel model, int[] prompt, int batch, int steps)
    {
        _model = model;
        _sequences = [.. Enumerable.Range(0, batch)];
        _lastTokens = [.. Enumerable.Repeat(prompt[^1], batch)];
        _llama = model.HoldLlama(
            "bench", Math.Max(batch + 1, Sequences.Count), Math.Max(prompt.Length + (batch * (steps + 1)), model.Info.ContextLength));
        Decoder = new TimedDecoder(_llama);
        try
        {
            if (prompt.Length > 1)
            {
                Decoder.Feed(batch, prompt.AsSpan(..^1), Outputs.None);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public TimedDecoder Decoder { get; }

    public int GraphReuses => _llama.GraphReuses;

    /// <summary>Puts every sequence back to the end of the prompt.</summary>
    public void Begin(IStepper stepper, CancellationToken cancellation)
    {
        foreach (int sequence in _sequences)
        {
            Decoder.Fork(_sequences.Length, sequence);
        }

        Decoder.Step(_sequences, _lastTokens, stepper.Outputs, cancellation);
        stepper.Begin();
    }

    /// <summary>The barest token step.</summary>
    public IStepper NewTokens() => new TokenStepper(Decoder, _sequences);

    /// <summary>The steps of a thought in every sequence.</summary>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or the rule cannot work on
    /// it.</exception>
    public IStepper NewConcepts(IStrategy rule)
    {
        Outputs outputs = rule.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
        BatchStep step = new(Decoder, _sequences.Length);
        foreach (int sequence in _sequences)
        {
            InputEmbeddings? embeddings = rule.FeedsVectors ? _model.CreateEmbeddings() : null;
            StrategyContext context = _model.DescribeTo(Decoder.Info, seed: (ulong)sequence) with
            {
                MaxSteps = int.MaxValue, // the bench ends, not the thought
            };
            context = embeddings is null ? context : context with { Space = embeddings };
            step.Add(new Thought(
                new Writer(new Timeline(Decoder, sequence, outputs), rule, context, embeddings, keepsPending: false), sequence));
        }

        return new ConceptStepper(step, outputs);
    }

    public void Dispose()
    {
        _llama.Dispose();
        _model.Release();
    }

    private sealed class TokenStepper(IDecoder decoder, int[] sequences) : IStepper
    {
        private readonly ConceptMixer _mixer = new(TokenMask.None(decoder.Info.VocabularySize));
        private readonly int[] _tokens = new int[sequences.Length];

        public Outputs Outputs => Outputs.Logits;

        public void Begin()
        {
        }

        public void Step(CancellationToken cancellation)
        {
            for (int i = 0; i < _tokens.Length; i++)
            {
                _tokens[i] = _mixer.ArgMax(decoder.Logits(i));
            }

            decoder.Step(sequences, _tokens, Outputs, cancellation);
        }
    }

    private sealed class ConceptStepper(BatchStep step, Outputs outputs) : IStepper
    {
        public Outputs Outputs => outputs;

        public void Begin()
        {
            foreach (Thought thought in step.Members.Cast<Thought>())
            {
                thought.Begin();
            }
        }

        public void Step(CancellationToken cancellation)
        {
            step.Advance();
            step.Feed(outputs, cancellation);
        }
    }

    /// <summary>A thought that goes on where its rule would end it.</summary>
    private sealed class Thought(Writer writer, int output) : IBatchMember
    {
        public Timeline Timeline => writer.Timeline;

        public void Begin() => Timeline.Fed(output);

        public void Advance()
        {
            writer.Choose();
            if (writer.Next.Ends)
            {
                writer.Next.FeedToken(writer.Next.Concept.Top);
            }

            writer.Put();
        }
    }
}

/// <summary>Something that takes steps after a prompt.</summary>
internal interface IStepper
{
    /// <summary>What a step leaves behind for the next.</summary>
    Outputs Outputs { get; }

    /// <summary>Learns that every sequence is at the end of the prompt.</summary>
    void Begin();

    /// <summary>Decides what comes next and feeds it. Allocates nothing.</summary>
    void Step(CancellationToken cancellation);
}
