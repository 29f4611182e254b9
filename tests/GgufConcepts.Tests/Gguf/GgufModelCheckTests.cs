using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

/// <summary>Each of these files ended the process or answered NaN when llama.cpp was given it.</summary>
public sealed class GgufModelCheckTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<TinyArchitecture> Architectures => [.. Enum.GetValues<TinyArchitecture>()];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Architectures))]
    public void Run_GoodModel_IsTaken(TinyArchitecture architecture)
    {
        using GgufModelFile model = GgufModelFile.Open(TinyModels.Path(architecture));
        GgufModelCheck.Run(model);
    }

    [Fact]
    public void Run_Stories_IsTaken()
    {
        Assert.SkipUnless(RealModels.Stories is not null, RealModels.Absent);
        using GgufModelFile model = GgufModelFile.Open(RealModels.Stories);
        GgufModelCheck.Run(model);
    }

    [Fact]
    public void Run_RealVocabulary_HasNoTokenTwice()
    {
        Assert.SkipUnless(RealModels.Qwen2Vocabulary is not null, RealModels.Absent);
        using GgufModelFile model = GgufModelFile.Open(RealModels.Qwen2Vocabulary);
        GgufModelCheck.Run(model);
    }

    /// <summary>Half of each key is rotated, as in the published models of these kinds.</summary>
    [Theory]
    [InlineData("minimax-m2")]
    [InlineData("minimax-01")]
    [InlineData("nemotron")]
    public void FindProblems_KindThatRotatesHalfItsKeys_AreNoneOfPositions(string architecture)
    {
        string path = TinyModels.Write(_folder.File("model.gguf"), TinyArchitecture.Qwen2, new TinyOptions
        {
            Settings = new Dictionary<string, object?>
            {
                ["general.architecture"] = architecture,
                [architecture + ".block_count"] = 2,
                [architecture + ".embedding_length"] = 64,
                [architecture + ".attention.head_count"] = 4,
                [architecture + ".attention.head_count_kv"] = 2,
                [architecture + ".rope.dimension_count"] = 8,
            },
        });
        using GgufModelFile model = GgufModelFile.Open(path);
        Assert.Empty(GgufModelCheck.FindProblems(model));
    }

    [Theory]
    [InlineData("qwen2.block_count", 0)]
    [InlineData("qwen2.block_count", 513)]
    [InlineData("qwen2.context_length", 0)]
    [InlineData("qwen2.context_length", uint.MaxValue)]
    [InlineData("qwen2.expert_count", 513)]
    [InlineData("qwen2.expert_count", 8)]
    [InlineData("qwen2.expert_used_count", 1)]
    [InlineData("qwen2.attention.layer_norm_rms_epsilon", float.NaN)]
    [InlineData("qwen2.attention.layer_norm_rms_epsilon", -1e-6f)]
    [InlineData("qwen2.rope.freq_base", 0f)]
    [InlineData("qwen2.rope.freq_base", float.NaN)]
    [InlineData("qwen2.rope.scaling.type", "twisted")]
    [InlineData("qwen2.rope.dimension_count", 18)]
    [InlineData("qwen2.rope.dimension_count", 7)]
    [InlineData("qwen2.attention.key_length", 24)]
    [InlineData("tokenizer.chat_template", 1)]
    [InlineData("tokenizer.ggml.model", "no_vocab")]
    [InlineData("tokenizer.ggml.model", "none")]
    [InlineData("general.architecture", null)]
    public void Run_BadSetting_IsRefusedNamingIt(string key, object? value) =>
        Refuse(new TinyOptions { Settings = new Dictionary<string, object?> { [key] = value } }, key);

    [Fact]
    public void Run_TokenTwice_IsRefused()
    {
        string[] tokens = [.. TinyVocabulary.Tokens];
        tokens[20] = tokens[10] + "\0x"; // the same to C
        Refuse(new TinyOptions { Settings = new Dictionary<string, object?> { ["tokenizer.ggml.tokens"] = tokens } }, "token 20");
    }

    [Fact]
    public void Run_SentencePieceWithoutAllBytes_IsRefused()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        string[] words = [.. TinyVocabulary.Tokens.Skip(256)];
        Dictionary<string, object?> settings = new()
        {
            ["tokenizer.ggml.model"] = "llama",
            ["tokenizer.ggml.tokens"] = (string[])[.. bytes, .. words],
        };
        string whole = TinyModels.Write(
            _folder.File("whole.gguf"), TinyArchitecture.Qwen2, new TinyOptions { Settings = settings });
        using (GgufModelFile model = GgufModelFile.Open(whole))
        {
            GgufModelCheck.Run(model);
        }

        bytes[0xE9] = "spelt";
        settings["tokenizer.ggml.tokens"] = (string[])[.. bytes, .. words];
        Refuse(new TinyOptions { Settings = settings }, "no token for the byte 233 (<0xE9>)");
    }

    [Fact]
    public void Run_BeginTokenThatDoesNotExist_IsRefused()
    {
        Dictionary<string, object?> settings = new()
        {
            ["tokenizer.ggml.add_bos_token"] = true,
            ["tokenizer.ggml.bos_token_id"] = null,
            ["tokenizer.ggml.pre"] = "glm4", // takes none by default
        };
        Refuse(new TinyOptions { Settings = settings }, "tokenizer.ggml.add_bos_token");
        settings["tokenizer.ggml.bos_token_id"] = 100_000;
        Refuse(new TinyOptions { Settings = settings }, "tokenizer.ggml.bos_token_id is 100000");
    }

    [Theory]
    [InlineData("token_embd.weight", GgmlType.I32, 64, 2)]
    [InlineData("blk.0.attn_q.weight", GgmlType.F64, 64, 64)]
    [InlineData("blk.0.attn_norm.weight", GgmlType.F16, 64, 0)]
    [InlineData("blk.0.attn_q.bias", GgmlType.Q8_0, 64, 0)]
    public void Run_StorageLlamaCppCannotUse_IsRefused(string name, GgmlType type, int width, int rows)
    {
        (int blockLength, int blockBytes) = GgmlTypes.Layout(type);
        long[] shape = rows > 0 ? [width, rows] : [width];
        GgufWriter writer = new();
        writer.Add("general.architecture", "qwen2");
        writer.AddStoredTensor(name, type, shape, new byte[width / blockLength * blockBytes * Math.Max(rows, 1)]);
        string path = _folder.File("model.gguf");
        writer.Write(path, TestContext.Current.CancellationToken);
        Refuse(path, name);
    }

    private void Refuse(TinyOptions options, string expected) =>
        Refuse(TinyModels.Write(_folder.File("model.gguf"), TinyArchitecture.Qwen2, options), expected);

    private static void Refuse(string path, string expected)
    {
        using GgufModelFile model = GgufModelFile.Open(path);
        string message = Assert.Throws<GgufException>(() => GgufModelCheck.Run(model)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }
}
