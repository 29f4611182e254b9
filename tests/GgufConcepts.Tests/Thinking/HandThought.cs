using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Reading;

namespace GgufConcepts.Tests.Thinking;

/// <summary>A soft thought driven by hand through <see cref="IDecoder"/>: one loop, rewinding where the session
/// forks.</summary>
internal sealed class HandThought
{
    private const int Writer = 0;
    private const int Reader = 1;

    private readonly ConceptModel _model;
    private readonly MixOptions _mix;
    private readonly List<int> _kept = []; // what the writer has read, without the vectors

    public HandThought(ConceptModel model, MixOptions mix)
    {
        _model = model;
        _mix = mix;
    }

    public List<(int Position, int[] Ids, float[] Weights)> Steps { get; } = [];

    /// <summary>The reader's tokens, a reading a list.</summary>
    public List<int[]> Readings { get; } = [];

    public List<int> Answer { get; } = [];

    /// <param name="prompt">The prompt's text.</param>
    /// <param name="steps">Vectors to feed.</param>
    /// <param name="chunk">Vectors to replace by their reading; 0 to keep all and read none.</param>
    /// <param name="read">The reading's prompt and limit.</param>
    /// <param name="answer">Greedy tokens afterwards.</param>
    public void Run(string prompt, int steps, int chunk, ReadOptions read, int answer)
    {
        using GgufModelFile file = GgufModelFile.Open(_model.Info.Path);
        using LlamaModel weights = LlamaModel.Load(file.Paths, new LlamaModelSettings(GpuLayers: 0), null, default);
        using LlamaDecoder decoder = new(
            weights,
            new DecoderOptions
            {
                ContextLength = _model.Info.ContextLength, Sequences = 2, Threads = 1, ExactAttention = true, // as for all F32
            });
        ConceptMixer mixer = new(_model.Tokenizer.NeverMixed);
        InputEmbeddings embeddings = new(_model.Embeddings, _model.Parity.InputScale);
        ConceptToken concept = new();
        List<float> pending = [];
        float[] vector = new float[embeddings.Width];

        _kept.AddRange(_model.Tokenizer.EncodePrompt(prompt));
        decoder.Feed(Writer, [.. _kept], Outputs.Logits);
        float[] logits = decoder.Logits().ToArray();
        for (int step = 0; step < steps; step++)
        {
            mixer.Mix(logits, _mix, concept);
            Steps.Add((decoder.Position(Writer), concept.Ids.ToArray(), concept.Weights.ToArray()));
            embeddings.Mix(concept.Ids, concept.Weights, vector);
            decoder.Feed(Writer, vector, Outputs.Logits);
            logits = decoder.Logits().ToArray();
            pending.AddRange(vector);
            if (chunk > 0 && ((step + 1) % chunk == 0 || step == steps - 1))
            {
                int[] words = Read(decoder, [.. pending], read);
                Readings.Add(words);
                GoBack(decoder, decoder.Position(Writer) - (pending.Count / vector.Length), !weights.IsRecurrent);
                _kept.AddRange(words);
                decoder.Feed(Writer, words, Outputs.Logits);
                logits = decoder.Logits().ToArray();
                pending.Clear();
            }
        }

        for (int token = 0; token < answer; token++)
        {
            Answer.Add(Largest(logits));
            decoder.Feed(Writer, [Answer[^1]], Outputs.Logits);
            logits = decoder.Logits().ToArray();
        }
    }

    /// <summary>Where a sequence cannot be cut, by reading all of it again.</summary>
    private void GoBack(LlamaDecoder decoder, int position, bool canRewind)
    {
        Assert.Equal(canRewind, decoder.TryRewind(Writer, position));
        if (!canRewind)
        {
            Assert.True(decoder.TryRewind(Writer, 0));
            decoder.Feed(Writer, [.. _kept], Outputs.None);
        }

        Assert.Equal(position, decoder.Position(Writer));
    }

    private int[] Read(LlamaDecoder decoder, float[] vectors, ReadOptions read)
    {
        string[] frame = read.Prompt.Split("{vectors}");
        decoder.TryRewind(Reader, 0);
        decoder.Feed(Reader, _model.Tokenizer.EncodePrompt(frame[0], markers: true), Outputs.None);
        decoder.Feed(Reader, vectors, Outputs.None);
        decoder.Feed(Reader, _model.Tokenizer.EncodeContinuation(frame[1], markers: true), Outputs.Logits);
        List<int> words = [];
        while (words.Count < read.MaxTokens)
        {
            int next = Largest(decoder.Logits().ToArray());
            if (_model.Tokenizer.IsEndOfText(next) || (words.Count > 0 && _model.Tokenizer.Text(next).Contains('\n')))
            {
                break;
            }

            words.Add(next);
            decoder.Feed(Reader, [next], Outputs.Logits);
        }

        return [.. words];
    }

    private static int Largest(float[] logits) => Array.IndexOf(logits, logits.Max());
}
