using System.Numerics.Tensors;
using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Lens;

/// <summary>Reads the layers of a row just decoded, and holds the last one to the model's own logits.</summary>
internal sealed class LayerReader
{
    // How far a probability may be off. llama.cpp rounds what it multiplies with a quantised matrix to 8 bits, with
    // one of
    // half floats to 11, and a graphics card adds up in another order; a norm or a scale left out is off by far more.
    private const double ExactBound = 2e-3;
    private const double QuantisedBound = 0.05;
    private const double Agreement = 1e-5; // no need to look for anything better

    private readonly ConceptModel _model;
    private readonly LlamaDecoder _decoder;
    private readonly OutputHead _head;
    private readonly int _width;
    private readonly float[] _last;
    private InputEmbeddings? _inputs;
    private int _count;
    private int? _target;
    private IProgress<int>? _progress;
    private CancellationToken _cancellation;
    private int _done;
    private bool? _rounds; // found out at the first position

    public LayerReader(ConceptModel model, LlamaDecoder decoder, OutputHead head)
    {
        _model = model;
        _decoder = decoder;
        _head = head;
        _width = decoder.Info.VectorWidth;
        _last = new float[head.VocabularySize];
    }

    /// <summary>Largest difference of a probability since <see cref="Begin"/>.</summary>
    public double LargestDifference { get; private set; }

    public void Begin(int count, int? target, IProgress<int>? progress, CancellationToken cancellation)
    {
        _count = count;
        _target = target;
        _progress = progress;
        _cancellation = cancellation;
        _done = 0;
        LargestDifference = 0;
    }

    /// <summary>Makes input vectors.</summary>
    /// <exception cref="ConceptInputException">The model cannot take vectors.</exception>
    public InputEmbeddings RequireInputs() =>
        _inputs ??= _model.CreateEmbeddings();

    /// <summary>Reads every layer of an output of the last decode.</summary>
    public LensPosition Read(int output, in Row row)
    {
        if (_decoder.LayerProblem is { } missing)
        {
            throw Refusal($"{missing}; its layers cannot be looked at");
        }

        int layers = _decoder.LayerCount;
        float[] input = InputOf(row);
        int first = input.Length > 0 ? 0 : 1;
        float[] states = new float[(layers + 1) * _width];
        input.CopyTo(states, 0);
        for (int layer = 0; layer < layers; layer++)
        {
            _decoder.Layer(layer, output).CopyTo(states.AsSpan((layer + 1) * _width));
        }

        ReadOnlySpan<float> own = _decoder.Logits(output);
        int choice = TensorPrimitives.IndexOfMax(own);
        int[] followed = _target is { } target ? [choice, target] : [choice];
        int count = layers + 1 - first;
        LogitTally[] tallies = ReadStates(states.AsSpan(first * _width), count, followed, own);
        LensLayer[] read = [.. tallies.Select((tally, i) => Describe(first + i, tally))];
        _progress?.Report(++_done);
        return new LensPosition(row.Position, row.Step, row.Kind, row.Token is { } id ? Text(id) : null, row.Mixture, Text(choice), read);
    }

    /// <summary>What was fed, as a vector; empty where rows of tokens are not what the model makes of tokens.</summary>
    private float[] InputOf(in Row row)
    {
        if (!row.Vector.IsEmpty)
        {
            return row.Vector.ToArray();
        }

        if (_inputs is null && !_model.Parity.Holds)
        {
            return [];
        }

        float[] vector = new float[_width];
        RequireInputs().Row(row.Token!.Value, vector);
        return vector;
    }

    private LensLayer Describe(int layer, LogitTally tally)
    {
        tally.RequireFinite();
        TokenWeight[] tokens = new TokenWeight[tally.Ids.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = new TokenWeight(tally.Ids[i], _model.Tokenizer.Text(tally.Ids[i]), tally.Probability(i));
        }

        return new LensLayer(layer, tally.Entropy, tokens, Place(0), _target is null ? null : Place(1));

        LensRank Place(int index) => new(tally.FollowedRank(index), tally.FollowedProbability(index));
    }

    /// <summary>Reads states through the head, and holds the last one to the model's own logits. At the first position
    /// it
    /// finds out whether the head is computed by a processor, which rounds states, or by a card, which does
    /// not.</summary>
    private LogitTally[] ReadStates(ReadOnlySpan<float> states, int count, int[] followed, ReadOnlySpan<float> own)
    {
        LogitTally[] tallies = Read(_rounds ?? true, states, out double difference, own);
        if (_rounds is null && _head.Rounds is not null && difference > Agreement)
        {
            LogitTally[] exact = Read(false, states, out double other, own);
            _rounds = difference <= other;
            (tallies, difference) = _rounds.Value ? (tallies, difference) : (exact, other);
        }

        _rounds ??= true;
        Hold(difference);
        return tallies;

        LogitTally[] Read(bool rounds, ReadOnlySpan<float> states, out double difference, ReadOnlySpan<float> own)
        {
            float[]?[] whole = new float[]?[count];
            whole[^1] = _last;
            LogitTally[] read = _head.Read(states, count, _count, rounds, [.. Enumerable.Repeat(followed, count)], whole, _cancellation);
            difference = Difference(own, read[^1]);
            return read;
        }
    }

    /// <summary>The largest difference of a probability.</summary>
    private double Difference(ReadOnlySpan<float> own, LogitTally last)
    {
        double z = 0, largest = TensorPrimitives.Max(own), difference = 0;
        foreach (float logit in own)
        {
            z += Math.Exp(logit - largest);
        }

        for (int id = 0; id < own.Length; id++)
        {
            difference = Math.Max(difference, Math.Abs((Math.Exp(own[id] - largest) / z) - last.Softmax(_last[id]))); // NaN stays
        }

        return difference;
    }

    /// <summary>The last layer read through the lens must say what the model says.</summary>
    private void Hold(double difference)
    {
        double bound = _head.Type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16 ? ExactBound : QuantisedBound;
        LargestDifference = Math.Max(LargestDifference, difference);
        if (!(difference <= bound))
        {
            throw Refusal(
                $"its last layer, read through the final norm and the output matrix, is off the model's own distribution by " +
                $"{difference:G2} (at most {bound} is rounding): this architecture does more at its end");
        }
    }

    private ConceptInputException Refusal(string reason) =>
        new($"{_model.Info.Name} ({_model.Info.Architecture}) cannot be read by a lens: {reason}. Use another model.");

    private TokenText Text(int id) => new(id, _model.Tokenizer.Text(id));

    /// <summary>What was fed at a position.</summary>
    public readonly ref struct Row
    {
        public int Position { get; private init; }

        public int? Step { get; private init; }

        public InputKind Kind { get; private init; }

        public int? Token { get; private init; }

        public IReadOnlyList<TokenWeight> Mixture { get; private init; }

        public ReadOnlySpan<float> Vector { get; private init; }

        public static Row OfPrompt(int position, int token) =>
            new() { Position = position, Kind = InputKind.Token, Token = token, Mixture = [] };

        public static Row OfStep(ConceptStep step, ReadOnlySpan<float> vector) => new()
        {
            Position = step.Position,
            Step = step.Index,
            Kind = step.Kind,
            Token = step.Chosen?.Id,
            Mixture = step.Tokens,
            Vector = vector,
        };
    }
}
