using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>One mutable timeline over a model: a writer, a reader, and the place to go back to. One caller at a
/// time.</summary>
/// <remarks>Keeps its model alive. Runs in a session follow one another; a second one that begins before the first has
/// ended is refused.</remarks>
public sealed class ConceptSession : IDisposable
{
    private readonly ConceptModel _model;
    private readonly IDecoder _decoder;
    private readonly Turns _turns;
    private InputEmbeddings? _embeddings;

    internal ConceptSession(ConceptModel model)
    {
        _model = model;
        _turns = new Turns(this, "session");
        _decoder = model.Hold(Sequences.Count, Sequences.TotalLength(model.Info.ContextLength));
    }

    /// <summary>The sequences, for those who want to feed them by hand between runs.</summary>
    public IDecoder Decoder => _decoder;

    /// <summary>Thinks about a prompt.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="options">Strategy, limits, reader, answer.</param>
    /// <param name="cancellation">Stops within a step, even inside a decode.</param>
    /// <returns><see cref="PromptRead"/>; then <see cref="ConceptStep"/>s with a <see cref="ChunkRead"/> after every
    /// chunk;
    /// then <see cref="AnswerPiece"/>s; then <see cref="ThoughtEnded"/>. The work is done as they are asked
    /// for.</returns>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, the model cannot take vectors, or
    /// an
    /// option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the events so far stand.</exception>
    public IEnumerable<ThoughtEvent> Think(
        string prompt, ThinkOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new ThinkOptions();
        Refuse(options.FindProblems());
        options = options.ToRun();
        return _turns.Run(() => Run());

        IEnumerable<ThoughtEvent> Run()
        {
            InputEmbeddings? embeddings = options.Strategy.FeedsVectors ? RequireEmbeddings() : null;
            return new ThoughtRun(
                _decoder,
                _model.Tokenizer,
                new Seat(Sequences.Writer, Sequences.Checkpoint, () => Sequences.RoomToRead(_decoder)),
                embeddings,
                embeddings is null ? null : new Reader(_decoder, _model.Tokenizer, embeddings, Sequences.Reader),
                embeddings is null ? Context(options.Seed) : Context(options.Seed) with { Space = embeddings },
                options,
                Opening.Of(_model.Tokenizer, ChatOptions.Encode(_model, prompt, options.Chat), options)).Run(cancellation);
        }
    }

    /// <summary>Continues a prompt in tokens.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="strategy">How tokens are chosen.</param>
    /// <param name="maxTokens">Most tokens.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="chat">How the prompt is wrapped for a chat model; null for a text to continue.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns><see cref="PromptRead"/>, then for every token a <see cref="ConceptStep"/> and an
    /// <see cref="AnswerPiece"/>, then <see cref="ThoughtEnded"/>.</returns>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, or an option is out of
    /// range.</exception>
    public IEnumerable<ThoughtEvent> Generate(
        string prompt,
        TokenDecoding strategy,
        int maxTokens,
        ulong seed = 0,
        ChatOptions? chat = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(strategy);
        Refuse(strategy.FindProblems());
        Refuse(maxTokens < 1 ? [$"The token limit is {maxTokens}; use at least 1."] : []);
        return _turns.Run(() => Run());

        IEnumerable<ThoughtEvent> Run()
        {
            Stopwatch clock = Stopwatch.StartNew();
            Timeline timeline = new(_decoder, Sequences.Writer, Outputs.Logits);
            int[] promptTokens = ChatOptions.Encode(_model, prompt, chat);
            timeline.Begin(promptTokens, cancellation);
            yield return new PromptRead(promptTokens, clock.Elapsed.TotalMilliseconds);

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
                run.Put();
                timeline.FeedWaiting(cancellation);
                double milliseconds = clock.Elapsed.TotalMilliseconds;
                yield return ConceptStep.Of(run.Next, index, position, milliseconds, _model.Tokenizer);
                yield return new AnswerPiece(text.Add(run.Next.Token), run.Next.Token, milliseconds);
            }

            if (text.Finish() is { Length: > 0 } rest) // of a character that never became whole
            {
                yield return new AnswerPiece(rest, Token: null, 0);
            }
            yield return new ThoughtEnded(reason);
        }
    }

    /// <summary>Lists what the model may say after a prompt.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="temperature">Softmax temperature, above 0.</param>
    /// <param name="count">Tokens to list.</param>
    /// <param name="cancellation">Stops within the prompt.</param>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, or a value is out of
    /// range.</exception>
    public NextTokens ListNext(
        string prompt, float temperature, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        MixOptions options = new() { Temperature = temperature, MaxTopK = count };
        Refuse(options.FindProblems());

        using Turns.Turn turn = _turns.Take();
        using Lock.Scope reading = _turns.EnterStep();
        Timeline timeline = new(_decoder, Sequences.Writer, Outputs.Logits);
        int[] promptTokens = _model.Tokenizer.EncodePrompt(prompt);
        timeline.Begin(promptTokens, cancellation);
        ConceptToken next = new();
        new ConceptMixer(TokenMask.None(_decoder.Info.VocabularySize)).Mix(timeline.Logits, options, next);
        TokenWeight[] tokens = new TokenWeight[next.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            // Weights are renormalised over those listed; the first one's true probability undoes that.
            float probability = next.Weights[i] / next.Weights[0] * next.TopProbability;
            tokens[i] = new TokenWeight(next.Ids[i], _model.Tokenizer.Text(next.Ids[i]), probability);
        }

        return new NextTokens(promptTokens, next.Entropy, tokens);
    }

    /// <summary>Puts vectors into words.</summary>
    /// <param name="vectors">Shape [count, embedding length], as the model's inputs are (scaled where it wants
    /// that).</param>
    /// <param name="options">The prompt and its limits.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <returns>The reader's words.</returns>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or they do not fit.</exception>
    /// <exception cref="ArgumentException">No whole vectors, or a value that is not finite.</exception>
    public string Read(
        ReadOnlySpan<float> vectors, ReadOptions? options = null, CancellationToken cancellation = default) =>
        ReadClosely(vectors, options, seed: 0, cancellation).Text;

    /// <summary>Puts vectors into words, and says what else the options ask for: how far the words follow from the
    /// vectors, what else may be read, what the reader says of other vectors.</summary>
    /// <param name="vectors">Shape [count, embedding length], as the model's inputs are (scaled where it wants
    /// that).</param>
    /// <param name="options">The prompt, its limits, what is asked beside the words.</param>
    /// <param name="seed">Seed of drawn readings and of the shuffled control: the same seed gives the same.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <exception cref="ConceptInputException">The model cannot take vectors, or they do not fit.</exception>
    /// <exception cref="ArgumentException">No whole vectors, or a value that is not finite.</exception>
    public CloseReading ReadClosely(
        ReadOnlySpan<float> vectors, ReadOptions? options = null, ulong seed = 0, CancellationToken cancellation = default)
    {
        options ??= new ReadOptions();
        Refuse(options.FindProblems());

        using Turns.Turn turn = _turns.Take();
        using Lock.Scope reading = _turns.EnterStep();
        Reader reader = new(_decoder, _model.Tokenizer, RequireEmbeddings(), Sequences.Reader);
        int capacity = reader.Capacity(options);
        if (vectors.Length / _decoder.Info.VectorWidth > capacity)
        {
            throw new ConceptInputException(
                $"{vectors.Length / _decoder.Info.VectorWidth} vectors are too many for one reading; at most {capacity} fit.") { Field = "vectors" };
        }

        return reader.Read(vectors, options, seed, Sequences.RoomToRead(_decoder), cancellation);
    }

    /// <summary>Makes input vectors out of tokens, scaled as the model wants them. One caller at a time.</summary>
    /// <exception cref="ConceptInputException">The model cannot take vectors.</exception>
    public InputEmbeddings Embeddings => RequireEmbeddings();

    /// <summary>Frees the sequences; the model too, if it is disposed and this was its last session. Any
    /// thread.</summary>
    /// <remarks>Waits for the step, or the reading, that another thread is in; that thread's next step
    /// throws.</remarks>
    public void Dispose()
    {
        if (_turns.TryEnd(_decoder))
        {
            _model.Release();
        }
    }

    private InputEmbeddings RequireEmbeddings()
    {
        _turns.ThrowIfEnded();
        return _embeddings ??= _model.CreateEmbeddings();
    }

    private StrategyContext Context(ulong seed) => _model.DescribeTo(_decoder.Info, seed);

    private static void Refuse(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }
    }
}
