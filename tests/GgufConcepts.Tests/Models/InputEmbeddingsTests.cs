using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>Vectors made of tokens, against plain loops in double precision.</summary>
public sealed class InputEmbeddingsTests(LoadedModels models)
{
    [Theory]
    [InlineData(GgmlType.F32, 1f)]
    [InlineData(GgmlType.F32, 8f)]
    [InlineData(GgmlType.Q8_0, 1f)]
    [InlineData(GgmlType.Q6_K, 16f)]
    public void Mix_Tokens_IsTheScaledWeightedSum(GgmlType type, float scale)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { EmbeddingType = type });
        InputEmbeddings embeddings = new(model.Embeddings, scale);
        int[] ids = [300, 5, 77, 270];
        float[] weights = [0.5f, 0.25f, 0.2f, 0.05f];
        float[] mixed = new float[embeddings.Width];
        embeddings.Mix(ids, weights, mixed);

        double[] expected = new double[embeddings.Width];
        float[] row = new float[embeddings.Width];
        for (int i = 0; i < ids.Length; i++)
        {
            model.Embeddings.CopyRow(ids[i], row);
            for (int j = 0; j < row.Length; j++)
            {
                expected[j] += (double)scale * weights[i] * row[j];
            }
        }

        Assert.All(expected.Zip(mixed), pair => Assert.Equal(pair.First, pair.Second, scale * 1e-6));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(8f)]
    public void Row_Token_IsItsScaledRow(float scale)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        InputEmbeddings embeddings = new(model.Embeddings, scale);
        float[] stored = new float[64], found = new float[64], mixed = new float[64];
        model.Embeddings.CopyRow(77, stored);
        embeddings.Row(77, found);
        embeddings.Mix([77], [1f], mixed);
        float[] expected = [.. stored.Select(value => value * scale)];
        Assert.Equal(expected, found);
        Assert.Equal(expected, mixed);
        Assert.Equal(expected, embeddings.Scaled(stored));
        Assert.Equal(expected, embeddings.Rows([5, 77])[64..]);
        Assert.Empty(embeddings.Rows([]));
    }

    [Theory]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_K)]
    public void Steps_AfterTheFirst_AllocateNothing(GgmlType type)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { EmbeddingType = type });
        InputEmbeddings embeddings = new(model.Embeddings, 8f);
        int[] ids = [300, 5, 77, 270];
        float[] weights = [0.5f, 0.25f, 0.2f, 0.05f];
        float[] mixed = new float[embeddings.Width];
        float[] all = [.. Enumerable.Repeat(1f / model.Embeddings.RowCount, model.Embeddings.RowCount)];
        Step();
        Assert.Contains(0L, Enumerable.Range(0, 5).Select(_ => Measure())); // a lock that is waited for the first time allocates, once

        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Step();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Step()
        {
            embeddings.Mix(ids, weights, mixed);
            embeddings.Row(5, mixed);
            embeddings.MixAll(all, mixed);
        }
    }
}
