using System.Numerics.Tensors;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>The probe's verdicts, on a decoder that does to tokens what it is told.</summary>
public sealed class ParityProbeTests(LoadedModels models)
{
    [Theory]
    [InlineData(1f, ParityVerdict.Exact, 1f)]
    [InlineData(8f, ParityVerdict.Exact, 8f)] // sqrt of a width of 64
    [InlineData(1.000001f, ParityVerdict.Close, 1f)]
    [InlineData(8.000008f, ParityVerdict.Close, 8f)]
    [InlineData(1.01f, ParityVerdict.Broken, 1f)]
    [InlineData(3f, ParityVerdict.Broken, 1f)]
    [InlineData(0f, ParityVerdict.Broken, 1f)]
    public void Run_TokensScaledInside_FindsTheVerdict(float factor, ParityVerdict verdict, float scale)
    {
        Parity parity = Probe((row, logits) => TensorPrimitives.Multiply(row, factor, logits));
        Assert.Equal((verdict, scale), (parity.Verdict, parity.InputScale));
        Assert.Equal(verdict == ParityVerdict.Exact, parity.LargestDifference == 0);
    }

    [Theory]
    [InlineData(3f, 3f, ParityVerdict.Exact, 3f)]
    [InlineData(3.000003f, 3f, ParityVerdict.Close, 3f)]
    [InlineData(1f, 3f, ParityVerdict.Exact, 1f)] // Granite scales vectors alike
    [InlineData(8f, 3f, ParityVerdict.Exact, 8f)]
    [InlineData(2f, 3f, ParityVerdict.Broken, 1f)]
    [InlineData(3.3f, 3f, ParityVerdict.Broken, 3f)] // the nearest of them
    [InlineData(7f, 3f, ParityVerdict.Broken, 8f)]
    [InlineData(3f, float.NaN, ParityVerdict.Broken, 1f)]
    [InlineData(3f, float.PositiveInfinity, ParityVerdict.Broken, 1f)]
    [InlineData(3f, -3f, ParityVerdict.Broken, 1f)]
    public void Run_FileDeclaresAScale_TriesItToo(float factor, float declared, ParityVerdict verdict, float scale)
    {
        Parity parity = Probe((row, logits) => TensorPrimitives.Multiply(row, factor, logits), declared: declared);
        Assert.Equal((verdict, scale), (parity.Verdict, parity.InputScale));
    }

    [Theory]
    [InlineData(3f, "broken", "does more to tokens than look up their rows")]
    [InlineData(8f, "exact", "rows times 8 give the very logits of tokens")]
    [InlineData(1.000001f, "close", "rows give the logits of tokens to ")]
    public void Describe_Verdict_SaysWhatItMeans(float factor, string beginning, string meaning)
    {
        string text = Probe((row, logits) => TensorPrimitives.Multiply(row, factor, logits)).Describe();
        Assert.StartsWith(beginning, text, StringComparison.Ordinal);
        Assert.Contains(meaning, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Run_TokenLogitNotFinite_Throws(float value)
    {
        Assert.Throws<NonFiniteLogitsException>(() => Probe((row, logits) =>
        {
            row.CopyTo(logits);
            logits[0] = value; // the first of a row: finite ones follow and must not hide it
        }));
    }

    [Fact]
    public void Run_VectorLogitNotFinite_IsBroken()
    {
        Parity parity = Probe((row, logits) => row.CopyTo(logits), (row, logits) =>
        {
            row.CopyTo(logits);
            logits[0] = float.NaN;
        });
        Assert.Equal(ParityVerdict.Broken, parity.Verdict);
    }

    [Fact]
    public void Run_SameLogitsForbidden_IsExact()
    {
        Parity parity = Probe(Forbid, Forbid); // some models set tokens to -infinity
        Assert.Equal((ParityVerdict.Exact, 0d), (parity.Verdict, parity.LargestDifference));
        Assert.True(double.IsFinite(parity.LogitSpread));

        static void Forbid(ReadOnlySpan<float> row, Span<float> logits)
        {
            row.CopyTo(logits);
            logits[1] = float.NegativeInfinity;
        }
    }

    private delegate void ToLogits(ReadOnlySpan<float> row, Span<float> logits);

    private Parity Probe(ToLogits ofTokens, ToLogits? ofVectors = null, float declared = 0)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        using FakeDecoder decoder = new(model, ofTokens, ofVectors ?? ((row, logits) => row.CopyTo(logits)));
        return ParityProbe.Run(decoder, model.Tokenizer, model.Embeddings, declared);
    }

    /// <summary>A "model" whose logits are its input row, changed as it is told; the rest of them are 0.</summary>
    private sealed class FakeDecoder(ConceptModel model, ToLogits ofTokens, ToLogits ofVectors) : IDecoder
    {
        private readonly List<float[]> _logits = [];

        public DecoderInfo Info { get; } = new(
            model.Info.EmbeddingLength, model.Info.EmbeddingLength, model.Info.VocabularySize, 16, 1, 16);

        public int OutputCount => _logits.Count;

        public void Feed(int sequence, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation)
        {
            float[] row = new float[Info.VectorWidth];
            foreach (int id in tokens)
            {
                model.Embeddings.CopyRow(id, row);
                Add(row, ofTokens);
            }
        }

        public void Feed(int sequence, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation)
        {
            _logits.Clear();
            for (int at = 0; at < vectors.Length; at += Info.VectorWidth)
            {
                Add(vectors.Slice(at, Info.VectorWidth), ofVectors);
            }
        }

        public ReadOnlySpan<float> Logits(int output) => _logits[output];

        public bool TryRewind(int sequence, int position) => true;

        public void Step(ReadOnlySpan<int> sequences, ReadOnlySpan<int> tokens, Outputs outputs, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public void Step(ReadOnlySpan<int> sequences, ReadOnlySpan<float> vectors, Outputs outputs, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ReadOnlySpan<float> Hidden(int output) => throw new NotSupportedException();

        public int Position(int sequence) => throw new NotSupportedException();

        public void Fork(int from, int to) => throw new NotSupportedException();

        public void Dispose() => _logits.Clear();

        private void Add(ReadOnlySpan<float> row, ToLogits toLogits)
        {
            float[] logits = new float[Info.VocabularySize];
            toLogits(row, logits.AsSpan(0, row.Length));
            _logits.Add(logits);
        }
    }
}
