using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Models;

namespace GgufConcepts.Thinking;

/// <summary>The main job: the writer thinks, the reader translates, the model answers.</summary>
public sealed partial class ConceptSession
{
    /// <summary>Thinks about a prompt.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="options">Strategy, limits, reader, answer.</param>
    /// <param name="cancellation">Stops within a step, even inside a decode.</param>
    /// <returns><see cref="PromptRead"/>; then <see cref="ConceptStep"/>s with a <see cref="ChunkRead"/> after every chunk;
    /// then <see cref="AnswerPiece"/>s; then <see cref="ThoughtEnded"/>. The work is done as they are asked for.</returns>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, the model cannot take vectors, or an
    /// option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the events so far stand.</exception>
    public IEnumerable<ThoughtEvent> Think(
        string prompt, ThinkOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new ThinkOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        return Run(prompt, options, cancellation);
    }

    private IEnumerable<ThoughtEvent> Run(string prompt, ThinkOptions options, CancellationToken cancellation)
    {
        using Turn turn = new(this);
        bool vectors = options.Strategy.FeedsVectors;
        bool dialogue = options.ChunkLength > 0;
        Timeline timeline = new(
            _decoder, WriterSequence, options.Strategy.NeedsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits);
        Writer writer = new(
            timeline, options.Strategy, Context(options.Seed), vectors ? RequireEmbeddings() : null);
        Reader reader = NewReader();
        int readable = vectors ? reader.Capacity(options.Reader) : 0;
        if (dialogue && options.ChunkLength > readable)
        {
            throw new ConceptInputException(
                $"Chunks of {options.ChunkLength} vectors do not fit a reading; at most {readable} do in this context.");
        }

        int endMarker = options.EndMarker.Length > 0 ? _model.Tokenizer.FindMarker(options.EndMarker) : -1;
        ColdStop.Counter coldStop = new(options.ColdStop);
        Stopwatch clock = Stopwatch.StartNew();
        int[] promptTokens = FeedPrompt(timeline, prompt, cancellation);
        yield return new PromptRead(promptTokens, clock.Elapsed.TotalMilliseconds);

        StopReason? stop = null;
        int index = 0;
        int chunkStart = 0;
        Mark();
        while (true)
        {
            clock.Restart();
            writer.Choose();
            stop = Judge();
            if (stop is StopReason.EndOfText or StopReason.ContextFull || (stop is not null && endMarker >= 0))
            {
                break; // this step is not fed: nothing takes its place, or the marker does
            }

            int position = timeline.Position;
            writer.Feed(cancellation);
            yield return Step(index++, position, writer.Next, clock.Elapsed.TotalMilliseconds);
            if (stop is not null)
            {
                break;
            }

            if (dialogue && writer.PendingCount == options.ChunkLength)
            {
                yield return Translate();
            }
        }

        while (writer.PendingCount > 0)
        {
            yield return Translate();
        }

        bool answers = stop is not (StopReason.EndOfText or StopReason.ContextFull);
        if (answers && endMarker >= 0 && timeline.Room > 0)
        {
            clock.Restart();
            int position = timeline.Position;
            writer.Next.FeedToken(endMarker);
            timeline.Feed([endMarker], cancellation);
            yield return Step(index, position, writer.Next, clock.Elapsed.TotalMilliseconds);
        }

        if (answers && options.AnswerTokens > 0)
        {
            foreach (AnswerPiece piece in Answer(timeline, options, cancellation))
            {
                yield return piece;
            }
        }

        yield return new ThoughtEnded(stop.Value);

        // Why the thought ends with this step, if it does.
        StopReason? Judge() =>
            _model.Tokenizer.IsEndOfText(writer.OwnToken) ? StopReason.EndOfText
            : timeline.Room == 0 ? StopReason.ContextFull
            : writer.OwnToken == endMarker ? StopReason.EndMarker
            : coldStop.Fires(writer.Next.Concept.Entropy) ? StopReason.ColdStop
            : index + 1 >= options.MaxSteps ? StopReason.MaxSteps
            : null;

        // The reader translates what is pending. In a dialogue its words then take the place of the vectors.
        ChunkRead Translate()
        {
            clock.Restart();
            timeline.Keep();
            int count = Math.Min(writer.PendingCount, readable);
            int[] words = reader.Read(writer.Pending[..(count * timeline.VectorWidth)], options.Reader, cancellation);
            if (dialogue && words.Length > 0 && words.Length <= timeline.Room + count)
            {
                _decoder.Fork(CheckpointSequence, WriterSequence); // works where a recurrent model cannot rewind
                timeline.Feed(words, cancellation);
            }

            writer.ForgetPending(count);
            ChunkRead chunk = new(chunkStart, count, Words(words), clock.Elapsed.TotalMilliseconds);
            chunkStart += count;
            Mark();
            return chunk;
        }

        void Mark()
        {
            if (dialogue)
            {
                _decoder.Fork(WriterSequence, CheckpointSequence);
            }
        }
    }

    private IEnumerable<AnswerPiece> Answer(Timeline timeline, ThinkOptions options, CancellationToken cancellation)
    {
        Stopwatch clock = new();
        TextAssembler text = new(_model.Tokenizer);
        TokenRun run = new(timeline, _model.Tokenizer, options.Answer, Context(options.Seed));
        for (int count = 0; count < options.AnswerTokens; count++)
        {
            clock.Restart();
            if (!run.TryChoose())
            {
                break;
            }

            yield return new AnswerPiece(text.Add(run.Next.Token), clock.Elapsed.TotalMilliseconds);
            if (!run.HasRoom)
            {
                break;
            }

            run.Feed(cancellation);
        }

        yield return new AnswerPiece(text.Finish(), 0);
    }
}
