using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>One mutable timeline over a model: a writer, a reader, and the place to go back to. One caller at a time.</summary>
/// <remarks>Keeps its model alive. Runs in a session follow one another; a second one that begins before the first has
/// ended is refused.</remarks>
public sealed partial class ConceptSession : IDisposable
{
    private const int WriterSequence = 0;
    private const int ReaderSequence = 1;
    private const int CheckpointSequence = 2; // the writer before the pending chunk
    private const int SequenceCount = 3;

    private readonly ConceptModel _model;
    private readonly LlamaDecoder _decoder;
    private InputEmbeddings? _embeddings;
    private int _running;
    private int _disposed;

    internal ConceptSession(ConceptModel model)
    {
        _model = model;
        _decoder = model.Hold(SequenceCount, 2 * model.Info.ContextLength); // the checkpoint shares the writer's rows
    }

    /// <summary>The sequences, for those who want to feed them by hand between runs.</summary>
    public IDecoder Decoder => _decoder;

    /// <summary>Feeds a prompt and leaves its last logits to be read from <see cref="Decoder"/>.</summary>
    /// <returns>The prompt's tokens.</returns>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit.</exception>
    public IReadOnlyList<int> FeedPrompt(string prompt, CancellationToken cancellation = default)
    {
        using Turn turn = new(this);
        return FeedPrompt(new Timeline(_decoder, WriterSequence, Outputs.Logits), prompt, cancellation);
    }

    /// <summary>What the model may say after the prompt fed last.</summary>
    /// <param name="temperature">Softmax temperature, above 0.</param>
    /// <param name="count">Tokens to list.</param>
    /// <exception cref="ConceptInputException">A value is out of range.</exception>
    /// <exception cref="InvalidOperationException">No prompt was fed.</exception>
    public NextTokens PeekNext(float temperature, int count)
    {
        using Turn turn = new(this);
        MixOptions options = new() { Temperature = temperature, MaxTopK = count };
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        ConceptToken next = new();
        new ConceptMixer(TokenMask.None(_decoder.Info.VocabularySize)).Mix(_decoder.Logits(), options, next);
        TokenWeight[] tokens = new TokenWeight[next.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            // Weights are renormalised over those listed; the first one's true probability undoes that.
            float probability = next.Weights[i] / next.Weights[0] * next.TopProbability;
            tokens[i] = new TokenWeight(next.Ids[i], _model.Tokenizer.Text(next.Ids[i]), probability);
        }

        return new NextTokens(next.Entropy, tokens);
    }

    /// <summary>Continues a prompt in tokens.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="strategy">How tokens are chosen.</param>
    /// <param name="maxTokens">Most tokens.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns><see cref="PromptRead"/>, then for every token a <see cref="ConceptStep"/> and an
    /// <see cref="AnswerPiece"/>, then <see cref="ThoughtEnded"/>.</returns>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, or an option is out of range.</exception>
    public IEnumerable<ThoughtEvent> Generate(
        string prompt, TokenDecoding strategy, int maxTokens, ulong seed = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(strategy);
        if (strategy.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        if (maxTokens < 1)
        {
            throw new ConceptInputException($"The token limit is {maxTokens}; use at least 1.");
        }

        return Run();

        IEnumerable<ThoughtEvent> Run()
        {
            using Turn turn = new(this);
            Stopwatch clock = Stopwatch.StartNew();
            Timeline timeline = new(_decoder, WriterSequence, Outputs.Logits);
            int[] tokens = FeedPrompt(timeline, prompt, cancellation);
            yield return new PromptRead(tokens, clock.Elapsed.TotalMilliseconds);

            StopReason reason = StopReason.MaxSteps;
            TokenRun run = new(timeline, _model.Tokenizer, strategy, Context(seed));
            TextAssembler text = new(_model.Tokenizer);
            for (int index = 0; index < maxTokens; index++)
            {
                clock.Restart();
                if (!run.TryChoose())
                {
                    reason = StopReason.EndOfText;
                    break;
                }

                if (!run.HasRoom)
                {
                    reason = StopReason.ContextFull;
                    break;
                }

                int position = timeline.Position;
                run.Feed(cancellation);
                yield return Step(index, position, run.Next, clock.Elapsed.TotalMilliseconds);
                yield return new AnswerPiece(text.Add(run.Next.Token), clock.Elapsed.TotalMilliseconds);
            }

            yield return new AnswerPiece(text.Finish(), 0);
            yield return new ThoughtEnded(reason);
        }
    }

    /// <summary>Puts vectors into words.</summary>
    /// <param name="vectors">Shape [count, embedding length], as the model's inputs are (scaled where it wants that).</param>
    /// <param name="options">The prompt and its limits.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns>The reader's words.</returns>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or they do not fit.</exception>
    /// <exception cref="ArgumentException">No whole vectors, or a value that is not finite.</exception>
    public string Read(ReadOnlySpan<float> vectors, ReadOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ReadOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        using Turn turn = new(this);
        RequireEmbeddings();
        Reader reader = NewReader();
        int capacity = reader.Capacity(options);
        if (vectors.Length / _decoder.Info.VectorWidth > capacity)
        {
            throw new ConceptInputException(
                $"{vectors.Length / _decoder.Info.VectorWidth} vectors are too many for one reading; at most {capacity} fit.");
        }

        return Words(reader.Read(vectors, options, cancellation));
    }

    /// <summary>Makes input vectors out of tokens, scaled as the model wants them. One caller at a time.</summary>
    /// <exception cref="ConceptInputException">The model cannot take vectors.</exception>
    public InputEmbeddings Embeddings => RequireEmbeddings();

    /// <summary>Frees the sequences; the model too, if it is disposed and this was its last session.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _decoder.Dispose();
            _model.Release();
        }
    }

    private InputEmbeddings RequireEmbeddings()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _embeddings ??= new InputEmbeddings(_model.Embeddings, _model.RequireVectors());
    }

    private Reader NewReader() => new(_decoder, _model.Tokenizer, ReaderSequence, Context(seed: 0));

    private StrategyContext Context(ulong seed) => new(
        _decoder.Info.VocabularySize,
        _decoder.Info.VectorWidth,
        _decoder.Info.HiddenWidth,
        _model.Tokenizer.NeverMixed,
        seed);

    private int[] FeedPrompt(Timeline timeline, string prompt, CancellationToken cancellation)
    {
        int[] tokens = _model.Tokenizer.EncodePrompt(prompt);
        if (tokens.Length == 0)
        {
            throw new ConceptInputException("The prompt is empty; write at least one word.");
        }

        for (int sequence = 0; sequence < SequenceCount; sequence++)
        {
            _decoder.TryRewind(sequence, 0);
        }

        timeline.Feed(tokens, cancellation);
        return tokens;
    }

    private string Words(int[] tokens) => _model.Tokenizer.Decode(tokens).Trim();

    private ConceptStep Step(int index, int position, NextInput next, double milliseconds)
    {
        TokenWeight[] tokens = new TokenWeight[next.Concept.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            int id = next.Concept.Ids[i];
            tokens[i] = new TokenWeight(id, _model.Tokenizer.Text(id), next.Concept.Weights[i]);
        }

        return new ConceptStep(
            index,
            position,
            next.Kind,
            next.Concept.Entropy,
            tokens,
            next.Kind == InputKind.Token ? new TokenText(next.Token, _model.Tokenizer.Text(next.Token)) : null,
            next.Kind == InputKind.Hidden ? next.Vector.ToArray() : null,
            milliseconds);
    }

    /// <summary>The one run of a session at a time.</summary>
    private readonly struct Turn : IDisposable
    {
        private readonly ConceptSession _session;

        public Turn(ConceptSession session)
        {
            ObjectDisposedException.ThrowIf(session._disposed != 0, session);
            if (Interlocked.Exchange(ref session._running, 1) != 0)
            {
                throw new InvalidOperationException("Another run of this session has not ended; use a session each.");
            }

            _session = session;
        }

        public void Dispose() => Volatile.Write(ref _session._running, 0);
    }
}
