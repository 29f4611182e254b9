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
        _llama = model.Hold(
            Math.Max(batch + 1, Sequences.Count), Math.Max(prompt.Length + (batch * (steps + 1)), model.Info.ContextLength));
        Decoder = new TimedDecoder(_llama);
        if (prompt.Length > 1)
        {
            Decoder.Feed(batch, prompt.AsSpan(..^1), Outputs.None);
        }
    }

    public TimedDecoder Decoder { get; }

    public int GraphReuses => _llama.GraphReuses;

    /// <summary>Puts every sequence back to the end of the prompt.</summary>
    public void Begin(Outputs outputs, CancellationToken cancellation)
    {
        foreach (int sequence in _sequences)
        {
            Decoder.Fork(_sequences.Length, sequence);
        }

        Decoder.Step(_sequences, _lastTokens, outputs, cancellation);
    }

    /// <summary>The barest token step.</summary>
    public IStepper NewTokens() => new TokenStepper(Decoder, _sequences);

    /// <summary>The steps of a thought.</summary>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or the rule cannot work on
    /// it.</exception>
    public IStepper NewConcepts(IStrategy rule)
    {
        InputEmbeddings? embeddings = rule.FeedsVectors ? _model.CreateEmbeddings() : null;
        StrategyContext context = new(
            Decoder.Info.VocabularySize, Decoder.Info.VectorWidth, Decoder.Info.HiddenWidth, _model.Tokenizer.NeverMixed, Seed: 1)
        {
            MaxSteps = int.MaxValue, // the bench ends, not the thought
        };
        context = embeddings is null ? context : context with { Space = embeddings };
        return new ConceptStepper(Decoder, rule, context, embeddings);
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

        public void Step(CancellationToken cancellation)
        {
            for (int i = 0; i < _tokens.Length; i++)
            {
                _tokens[i] = _mixer.ArgMax(decoder.Logits(i));
            }

            decoder.Step(sequences, _tokens, Outputs, cancellation);
        }
    }

    private sealed class ConceptStepper : IStepper
    {
        private readonly Writer _writer;

        public ConceptStepper(IDecoder decoder, IStrategy rule, StrategyContext context, InputEmbeddings? embeddings)
        {
            Outputs = rule.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits;
            _writer = new Writer(new Timeline(decoder, sequence: 0, Outputs), rule, context, embeddings, keepsPending: false);
        }

        public Outputs Outputs { get; }

        public void Step(CancellationToken cancellation)
        {
            _writer.Choose();
            if (_writer.Next.Ends)
            {
                _writer.Next.FeedToken(_writer.Next.Concept.Top);
            }

            _writer.Feed(cancellation);
        }
    }
}

/// <summary>Something that takes steps after a prompt.</summary>
internal interface IStepper
{
    /// <summary>What a step leaves behind for the next.</summary>
    Outputs Outputs { get; }

    /// <summary>Decides what comes next and feeds it. Allocates nothing.</summary>
    void Step(CancellationToken cancellation);
}
