using System.Diagnostics;
using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

public sealed class RealFileTests
{
    [Fact]
    public void Open_Stories_ReadsSettingsAndRows()
    {
        Assert.SkipUnless(RealModels.Stories is not null, RealModels.Absent);
        using GgufModelFile model = GgufModelFile.Open(RealModels.Stories);

        Assert.True(model.Metadata.TryGetString("general.architecture", out string architecture));
        Assert.Equal("llama", architecture);
        Assert.True(model.Metadata.TryGetInteger("llama.embedding_length", out int width));
        Assert.True(model.Metadata.TryGetArray("tokenizer.ggml.tokens", out GgufArray tokens));
        EmbeddingTable table = new(model);
        Assert.Equal((width, tokens.Count, GgmlType.F32), (table.Width, table.RowCount, table.Type));

        float[] row = new float[width];
        table.CopyRow(table.RowCount - 1, row);
        Assert.All(row, value => Assert.InRange(value, -100f, 100f));
        Assert.Contains(row, value => value != 0);
    }

    [Fact]
    public void Open_VocabularyOnly_ReadsQuicklyAndRefusesToBeAModel()
    {
        Assert.SkipUnless(RealModels.Qwen2Vocabulary is not null, RealModels.Absent);
        Stopwatch clock = Stopwatch.StartNew();
        using GgufModelFile model = GgufModelFile.Open(RealModels.Qwen2Vocabulary);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 2000);

        Assert.True(model.Metadata.TryGetArray("tokenizer.ggml.tokens", out GgufArray tokens));
        Assert.Equal(151936, tokens.Count);
        Assert.Equal(["!", "\"", "#"], tokens.Strings().Take(3));

        GgufException refused = Assert.Throws<GgufException>(() => new EmbeddingTable(model));
        Assert.Contains("holds a vocabulary but no weights", refused.Message, StringComparison.Ordinal);
        Assert.Contains(RealModels.Qwen2Vocabulary, refused.Message, StringComparison.Ordinal);
    }
}
