using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Testing.Hostile;

/// <summary>Tensors that are stored otherwise than llama.cpp computes with, of other shapes or numbers, or missing; and
/// models in parts that do not fit.</summary>
public static partial class HostileFiles
{
    private const string Query = "blk.0.attn_q.weight"; // [64, 64]

    private static IEnumerable<HostileFile> Storage() =>
    [
        Stored("token_embd.weight", GgmlType.I8), Stored("token_embd.weight", GgmlType.I32),
        Stored("token_embd.weight", GgmlType.F64), Stored("token_embd.weight", GgmlType.Q8_1),
        Stored(Query, GgmlType.I8), Stored(Query, GgmlType.I16), Stored(Query, GgmlType.I32), Stored(Query, GgmlType.I64),
        Stored(Query, GgmlType.F64), Stored("blk.1.ffn_down.weight", GgmlType.I32), Stored("blk.1.ffn_up.weight", GgmlType.F64),
        Stored("output_norm.weight", GgmlType.F16), Stored("output_norm.weight", GgmlType.Q8_0),
        Stored("blk.0.attn_norm.weight", GgmlType.BF16), Stored("blk.0.attn_norm.weight", GgmlType.F64),
        Stored("blk.1.ffn_norm.weight", GgmlType.I32), Stored("blk.0.attn_q.bias", GgmlType.F16),
        Stored("blk.0.attn_k.bias", GgmlType.Q8_0), Stored("blk.1.attn_v.bias", GgmlType.I32),
        Stored("output_norm.bias", GgmlType.F16, TinyArchitecture.Gpt2),
        Stored("blk.0.ffn_up.bias", GgmlType.F16, TinyArchitecture.Gpt2),
        Stored("position_embd.weight", GgmlType.I32, TinyArchitecture.Gpt2),
        Stored("blk.0.ssm_conv1d.weight", GgmlType.F16, TinyArchitecture.Mamba),
        Stored("blk.0.ssm_a", GgmlType.F16, TinyArchitecture.Mamba),
        Stored("blk.0.ssm_d", GgmlType.F16, TinyArchitecture.Mamba),
        Stored("blk.0.ssm_dt.bias", GgmlType.F16, TinyArchitecture.Mamba2),
        Stored("blk.0.shortconv.conv.weight", GgmlType.F16, TinyArchitecture.Lfm2),
        Stored("blk.0.ffn_gate_exps.weight", GgmlType.I32, TinyArchitecture.Qwen3Moe),
        Stored("blk.0.attn_q_norm.weight", GgmlType.F16, TinyArchitecture.Qwen3),
        Good(Query, GgmlType.F16), Good(Query, GgmlType.BF16), Good(Query, GgmlType.Q8_0), Good(Query, GgmlType.Q4_0),
        Good("token_embd.weight", GgmlType.Q8_0), Good("blk.0.ffn_down.weight", GgmlType.Q5_1),
    ];

    private static IEnumerable<HostileFile> Shapes() =>
    [
        .. ((string[])
        [
            "output_norm.weight", "blk.0.attn_norm.weight", Query, "blk.0.attn_k.weight", "blk.0.attn_v.weight",
            "blk.0.attn_output.weight", "blk.0.attn_q.bias", "blk.0.ffn_norm.weight", "blk.0.ffn_gate.weight", "blk.0.ffn_up.weight",
            "blk.1.ffn_down.weight",
        ]).Select(name => Tensors($"no {name}", null, Plain, tensor => tensor.Name == name ? [] : [tensor])),
        Tensors(
            "no token_embd.weight",
            "holds no token_embd.weight",
            Plain,
            tensor => tensor.Name == "token_embd.weight" ? [] : [tensor]),
        Tensors("no tensors", "holds a vocabulary but no weights", Plain, _ => []),
        Tensors("a tensor nobody knows", null, Plain,
            tensor => tensor.Name == Query ? [tensor, tensor with { Name = "blk.0.of_no_use.weight" }] : [tensor]),
        Tensors("16,000 tensors nobody knows", null, Plain, tensor => tensor.Name != Query ? [tensor] :
            [tensor, .. Enumerable.Range(0, 16_000).Select(i => tensor.As(GgmlType.F32, 1) with { Name = $"of_no_use.{i}" })]),
        Tensors("a block too many", null, Plain,
            tensor => tensor.Name == Query ? [tensor, tensor with { Name = "blk.2.attn_q.weight" }] : [tensor]),
        Without("blk.0.attn_qkv.weight", "and no blk.0.attn_qkv.weight or blk.0.attn_q.weight beside it", TinyArchitecture.Phi),
        Without("blk.0.attn_qkv.weight", "and no blk.0.attn_qkv.weight beside it", TinyArchitecture.Qwen35),
        Without("blk.0.attn_gate.weight", "and no blk.0.attn_gate.weight beside it", TinyArchitecture.Qwen35),
        Without("blk.0.ssm_conv1d.bias", "and no blk.0.ssm_conv1d.bias beside it", TinyArchitecture.GraniteHybrid),
        Without("blk.0.ssm_conv1d.bias", null, TinyArchitecture.Mamba),
        Without("blk.0.attn_qkv.weight", null, TinyArchitecture.Gpt2),
        Shaped("token_embd.weight", "rows", 64, 100),
        Shaped("token_embd.weight", "is no table of embeddings", 64, 1, 367),
        Shaped("token_embd.weight", null, 32, s_tokens.Length),
        Shaped(
            Query,
            null,
            64,
            32), Shaped(Query,
            null,
            32,
            64), Shaped(Query,
            null,
            4096), Shaped(Query,
            null,
            64,
            64,
            2),
        Shaped(
            Query,
            null,
            1,
            1,
            1,
            1), Shaped("blk.0.attn_norm.weight",
            null,
            1), Shaped("blk.0.attn_norm.weight",
            null,
            64,
            2),
        Shaped("blk.0.attn_q.bias", null, 32), Shaped("blk.0.ffn_down.weight", null, 64, 128),
        Tensors("two matrices that changed names", null, Plain, tensor => tensor.Name switch
        {
            "blk.0.ffn_up.weight" => [tensor with { Name = "blk.0.ffn_down.weight" }],
            "blk.0.ffn_down.weight" => [tensor with { Name = "blk.0.ffn_up.weight" }],
            _ => [tensor],
        }),
        Tensors("two like matrices that changed names", null, Plain, tensor => tensor.Name switch
        {
            "blk.0.attn_q.weight" => [tensor with { Name = "blk.0.attn_output.weight" }],
            "blk.0.attn_output.weight" => [tensor with { Name = "blk.0.attn_q.weight" }],
            _ => [tensor],
        }),
    ];

    /// <summary>Numbers that no one can look through before a model is loaded.</summary>
    private static IEnumerable<HostileFile> Numbers() =>
    [
        .. ((string[])
        [
            "token_embd.weight", "output_norm.weight", "blk.0.attn_norm.weight", Query, "blk.0.attn_k.bias", "blk.1.ffn_down.weight",
        ]).SelectMany(name => ((float[])[float.NaN, float.PositiveInfinity, float.MaxValue]).Select(number => Tensors(
            FormattableString.Invariant($"{number} in {name}"), null, Plain, tensor => [tensor.Name == name ? tensor.With(number) : tensor]))),
        Tensors("experts chosen by NaN", null, TinyArchitecture.Qwen3Moe,
            tensor => [tensor.Name == "blk.0.ffn_gate_inp.weight" ? tensor.With(float.NaN) : tensor]),
        Tensors(
            "a state of NaN",
            null,
            TinyArchitecture.Mamba,
            tensor => [tensor.Name == "blk.0.ssm_a" ? tensor.With(float.NaN) : tensor]),
        Tensors("all zero", null, Plain, tensor => [tensor with { Bytes = new byte[tensor.Bytes.Length] }]),
    ];

    private static IEnumerable<HostileFile> Parts() =>
    [
        Part("all parts", null, _ => { }),
        Part("a part that is missing", "part 2 of 3 is missing", paths => File.Delete(paths[1])),
        Part("a part that is empty", "holds no bytes", paths => File.WriteAllBytes(paths[1], [])),
        Part(
            "a part that is cut",
            "bytes are missing",
            paths => File.WriteAllBytes(paths[1], File.ReadAllBytes(paths[1])[..^40])),
        Part(
            "a part that is another",
            "is named as part 2 of 3 but says it is part 3 of 3",
            paths => File.Copy(paths[2], paths[1], true)),
        Part("a part that is no model", "not a GGUF file", paths => File.WriteAllText(paths[1], "not here")),
        Part("a part of the wrong type", "split.no is of type UInt32", paths => Rewrite(paths[1], 1u, (ushort)3)),
        Part("a part without its number", "says it is part 0 of 3", paths => Rewrite(paths[1], null, (ushort)3)),
        Part("a part of another count", "says it is part 2 of 4", paths => Rewrite(paths[1], (ushort)1, (ushort)4)),
        Part("a tensor in two parts", "tensor token_embd.weight is also in", Repeat),
        Part("parts with a tensor too few", "split.tensors.count is", paths => Rewrite(paths[2], (ushort)2, (ushort)3)),
        HostileFile.Of("2 parts of which one is there", "holds part 1 of 2 but is not named so", Plain,
            ("split.no", (ushort)0), ("split.count", (ushort)2)),
        Part("parts with 16,385 settings in all", "claims 9002 settings after", paths =>
        {
            Rewrite(paths[1], (ushort)1, (ushort)3, 9000);
            Rewrite(paths[2], (ushort)2, (ushort)3, 9000);
        }),
        HostileFile.Of("4,097 parts", "is one of 4097 parts; a model has at most 4096", Plain,
            ("split.no", (ushort)0), ("split.count", (ushort)4097)),
        HostileFile.Of("65,535 parts", "is one of 65535 parts", Plain, ("split.no", (ushort)0), ("split.count", ushort.MaxValue)),
        HostileFile.Of("no parts", null, Plain, ("split.no", (ushort)0), ("split.count", (ushort)0)),
        HostileFile.Of("part 7 of 3", "holds part 8 of 3", Plain, ("split.no", (ushort)7), ("split.count", (ushort)3)),
    ];

    private static HostileFile Stored(string name, GgmlType type, TinyArchitecture architecture = Plain) => Tensors(
        $"{architecture}: {name} as {type}", $"{name} is stored as {type}", architecture,
        tensor => [tensor.Name == name ? tensor.As(type, Fit(tensor.Dimensions, type)) : tensor]);

    private static HostileFile Good(string name, GgmlType type) => Tensors(
        $"{name} as {type}", null, Plain, tensor => [tensor.Name == name ? Quantized(tensor, type) : tensor]);

    private static HostileFile Shaped(string name, string? refusal, params long[] dimensions) => Tensors(
        $"{name} as [{string.Join(", ", dimensions)}]", refusal, Plain,
        tensor => [tensor.Name == name ? tensor.As(tensor.Type, dimensions) : tensor]);

    private static HostileFile Without(string name, string? refusal, TinyArchitecture architecture) => Tensors(
        $"{architecture} without {name}", refusal, architecture, tensor => tensor.Name == name ? [] : [tensor]);

    private static HostileFile Tensors(
        string name, string? refusal, TinyArchitecture architecture, Func<StoredTensor, IEnumerable<StoredTensor>> change) =>
        new(name, refusal, path => ChangedModel.Write(TinyModels.Path(architecture), path, change));

    /// <summary>A shape of as many dimensions whose rows are whole blocks.</summary>
    private static long[] Fit(long[] dimensions, GgmlType type) =>
        [Math.Max(dimensions[0], GgmlTypes.Layout(type).BlockLength), .. dimensions.Skip(1)];

    private static StoredTensor Quantized(StoredTensor tensor, GgmlType type)
    {
        float[] numbers = new float[tensor.Bytes.Length / sizeof(float)];
        Buffer.BlockCopy(tensor.Bytes, 0, numbers, 0, tensor.Bytes.Length);
        StoredTensor stored = tensor.As(type, tensor.Dimensions);
        GgmlTypes.Quantize(type, numbers, (int)(numbers.Length / tensor.Dimensions[0]), stored.Bytes);
        return stored;
    }

    /// <summary>A model in three parts, one of which is then changed.</summary>
    private static HostileFile Part(string name, string? refusal, Action<string[]> change) => new(name, refusal, path =>
    {
        string first = TinyModels.Write(path, Plain, new TinyOptions { Parts = 3 });
        change([.. Enumerable.Range(1, 3).Select(part => first.Replace("-00001-", $"-0000{part}-", StringComparison.Ordinal))]);
        return first;
    });

    /// <summary>Writes a part anew, without tensors.</summary>
    private static void Rewrite(string path, object? number, ushort count, int others = 0)
    {
        GgufWriter writer = new();
        for (int i = 0; i < others; i++)
        {
            writer.Add($"of_no_use.{i}", (uint)i);
        }

        if (number is uint wide)
        {
            writer.Add("split.no", wide);
        }
        else if (number is ushort right)
        {
            writer.Add("split.no", right);
        }

        writer.Add("split.count", count);
        writer.Write(path);
    }

    /// <summary>Puts a tensor of the first part into the second, in the place of one of its own.</summary>
    private static void Repeat(string[] paths)
    {
        int count;
        using (GgufFile second = GgufFile.Open(paths[1]))
        {
            count = second.Tensors.Count;
        }

        GgufWriter writer = new();
        writer.Add("split.no", (ushort)1);
        writer.Add("split.count", (ushort)3);
        foreach (string name in Enumerable.Range(1, count - 1).Select(i => $"w{i}").Prepend("token_embd.weight"))
        {
            writer.AddTensor(name, GgmlType.F32, [1], new float[1]);
        }

        writer.Write(paths[1]);
    }
}
