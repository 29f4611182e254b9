using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Lens;

/// <summary>Looks between a model's layers: reads the state after each of them as if the model ended there, with its
/// final norm and output matrix. One caller at a time.</summary>
/// <remarks>
/// Source: "logit lens", nostalgebraist, 2020. Its limit: only the last layer was trained to be read so. What an
/// earlier
/// one shows is where the state already points among the words of the output, not all that it holds; a token that does
/// not show may still be there in another form. The last layer is held to the model's own distribution at every
/// position
/// looked at, and a model for which the two differ is refused. Keeps its model alive.
/// </remarks>
public sealed class LogitLens : IDisposable
{
    private const int Prompt = 0; // sequences
    private const int Run = 1;
    private const int PartRows = 16; // of a prompt looked at: each leaves the logits of the whole vocabulary

    private readonly ConceptModel _model;
    private readonly LlamaDecoder _decoder;
    private readonly LayerReader _reader;
    private int _disposed;

    /// <summary>Makes a lens with sequences of its own.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ConceptInputException">The file's norm or output matrix cannot be read.</exception>
    public LogitLens(ConceptModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        OutputHead head = new(model.ModelFile, model.Info.VocabularySize);
        _decoder = model.HoldLlama("lens", sequences: 2, 2 * model.Info.ContextLength, captureLayers: true);
        try
        {
            _reader = new LayerReader(model, _decoder, head);
        }
        catch
        {
            _decoder.Dispose();
            model.Release();
            throw;
        }
    }

    /// <summary>Looks at a prompt, and at what follows by each strategy.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="options">Strategies, steps, positions.</param>
    /// <param name="progress">Told how many positions were looked at.</param>
    /// <param name="cancellation">Stops within a position.</param>
    /// <exception cref="ConceptInputException">The prompt is empty or does not fit, an option is out of range, the
    /// target
    /// is no single token, or this model cannot be read so; says why.</exception>
    public LensReading Look(
        string prompt, LensOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new LensOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        int[] tokens = _model.Tokenizer.EncodePrompt(prompt);
        int steps = options.Strategies.Count > 0 ? options.MaxSteps : 0;
        if (tokens.Length == 0)
        {
            throw new ConceptInputException("The prompt is empty; write at least one word.");
        }

        if (options.Positions.PastEnd(tokens.Length + steps) is { } past)
        {
            throw new ConceptInputException(
                $"There is no position {past}: the prompt has {tokens.Length} tokens, and {steps} steps follow; " +
                $"use 0 to {tokens.Length + steps - 1}.");
        }

        int? target = options.Target is { } word ? FindTarget(_model.Tokenizer, word) : null;
        _reader.Begin(options.Count, target, progress, cancellation);
        _decoder.TryRewind(Prompt, 0);
        List<LensPosition> seen = ReadPrompt(tokens, options.Positions, cancellation);
        bool readsLast = options.Positions.Contains(tokens.Length - 1, tokens.Length);
        List<LensRun> runs = [];
        foreach (IStrategy strategy in options.Strategies)
        {
            runs.Add(Follow(strategy, EndPrompt(strategy.NeedsHidden), tokens.Length, options, cancellation));
        }

        if (runs.Count == 0 && readsLast)
        {
            EndPrompt(needsHidden: false);
        }

        TokenText? followed = target is { } id ? new TokenText(id, _model.Tokenizer.Text(id)) : null;
        return new LensReading(tokens, followed, seen, runs, _reader.LargestDifference);

        // Feeds the prompt's last token to the run's sequence, and the first time reads what the layers make of it.
        Timeline EndPrompt(bool needsHidden)
        {
            _decoder.Fork(Prompt, Run);
            Timeline timeline = new(_decoder, Run, needsHidden ? Outputs.Logits | Outputs.Hidden : Outputs.Logits);
            timeline.Feed(tokens.AsSpan(^1..), cancellation);
            if (readsLast && runs.Count == 0)
            {
                seen.Add(_reader.Read(0, LayerReader.Row.OfPrompt(tokens.Length - 1, tokens[^1])));
            }

            return timeline;
        }
    }

    /// <summary>The token of a word: as it stands within a sentence, then as it stands at the beginning of
    /// one.</summary>
    /// <exception cref="ConceptInputException">It is more than one token.</exception>
    public static int FindTarget(Tokenizer tokenizer, string word)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(word);
        int[] within = tokenizer.EncodeContinuation(" " + word.TrimStart(' '));
        int[] alone = tokenizer.EncodeContinuation(word);
        int[] found = within.Length == 1 ? within : alone;
        string pieces = string.Join(" + ", within.Select(id => $"'{tokenizer.Text(id)}'"));
        return found.Length == 1
            ? found[0]
            : throw new ConceptInputException(
                $"The target '{word}' is {within.Length} tokens in this vocabulary: {pieces}. A lens follows one token; name the first.");
    }

    /// <summary>Frees the sequences.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _decoder.Dispose();
            _model.Release();
        }
    }

    /// <summary>Feeds a prompt but for its last token, which each run feeds to a sequence of its own.</summary>
    private List<LensPosition> ReadPrompt(int[] tokens, LensPositions positions, CancellationToken cancellation)
    {
        int most = _decoder.Info.ContextLength;
        if (tokens.Length > most)
        {
            throw new ContextFullException(held: 0, tokens.Length, most);
        }

        List<LensPosition> seen = [];
        for (int first = 0; first < tokens.Length - 1; first += PartRows)
        {
            int count = Math.Min(PartRows, tokens.Length - 1 - first);
            int[] rows = [.. Enumerable.Range(0, count).Where(row => positions.Contains(first + row, tokens.Length))];
            _decoder.Feed(
                Prompt,
                tokens.AsSpan(first, count),
                rows.Length > 0 ? Outputs.Logits | Outputs.EveryRow : Outputs.None,
                cancellation);
            foreach (int row in rows)
            {
                seen.Add(_reader.Read(row, LayerReader.Row.OfPrompt(first + row, tokens[first + row])));
            }
        }

        return seen;
    }

    private LensRun Follow(
        IStrategy strategy, Timeline timeline, int promptLength, LensOptions options, CancellationToken cancellation)
    {
        DecoderInfo sizes = _decoder.Info;
        StrategyContext context = new(
            sizes.VocabularySize, sizes.VectorWidth, sizes.HiddenWidth, _model.Tokenizer.NeverMixed, options.Seed)
        {
            MaxSteps = Math.Max(1, options.MaxSteps),
        };
        InputEmbeddings? inputs = strategy.FeedsVectors ? _reader.RequireInputs() : null;
        Writer writer = new(timeline, strategy, inputs is null ? context : context with { Space = inputs }, inputs);
        List<LensPosition> seen = [];
        StopReason stop = StopReason.MaxSteps;
        for (int step = 0; step < options.MaxSteps; step++)
        {
            writer.Choose();
            bool ends = _model.Tokenizer.IsEndOfText(writer.Next.Said);
            if (writer.Next.Ends || ends || timeline.Room == 0)
            {
                stop = writer.Next.Ends ? StopReason.Strategy : timeline.Room == 0 ? StopReason.ContextFull : StopReason.EndOfText;
                break;
            }

            int position = timeline.Position;
            writer.Feed(cancellation);
            if (options.Positions.Contains(position, promptLength))
            {
                ConceptStep fed = ConceptStep.Of(writer.Next, step, position, milliseconds: 0, _model.Tokenizer);
                ReadOnlySpan<float> vector = strategy.FeedsVectors ? writer.Pending[^sizes.VectorWidth..] : default;
                seen.Add(_reader.Read(0, LayerReader.Row.OfStep(fed, vector)));
            }
        }

        return new LensRun(strategy.Name, strategy.Settings, stop, seen);
    }
}
