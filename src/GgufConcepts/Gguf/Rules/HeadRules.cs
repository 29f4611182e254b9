namespace GgufConcepts.Gguf.Rules;

/// <summary>How the width is shared among the heads of attention.</summary>
internal static class HeadRules
{
    private const int MaxHeads = 1 << 16;
    private const int MaxHeadSize = 1 << 16;

    public static void Check(CheckedModel model, Findings findings)
    {
        CheckCounts(model, findings);
        if (!model.TryPerLayer("attention.head_count", out long[]? counts))
        {
            return; // llama.cpp takes such a model to have no attention, or refuses it
        }

        long heads = counts[0];
        long width = model.Number("embedding_length") ?? 0;
        if (heads <= 0 || width <= 0)
        {
            CheckNone(model, findings, heads);
            return;
        }

        long? keyLength = model.InRange(findings, "attention.key_length", 1, MaxHeadSize);
        long? valueLength = model.InRange(findings, "attention.value_length", 1, MaxHeadSize);
        if (model.Own("attention.key_length") is null && width % heads != 0)
        {
            findings.Add(model.Own("attention.head_count")!.Problem(
                $"is {heads}, by which the width, {width}, cannot be divided"));
        }

        long keys = keyLength ?? width / heads;
        long values = valueLength ?? width / heads;
        CheckKeys(model, findings, keys, heads);
        CheckLists(model, findings, keys, values);
        CheckRotated(model, findings, keys);
        if (keys != values && ArchitectureTraits.KeysAreAsLongAsValues(model.Architecture))
        {
            GgufEntry entry = (model.Own("attention.value_length") ?? model.Own("attention.key_length"))!;
            findings.Add(entry.Problem(
                $"makes keys of {keys} and values of {values}; {model.Architecture} wants them alike"));
        }
    }

    /// <summary>Without heads llama.cpp takes a model to have no attention; some architectures divide by them.</summary>
    private static void CheckNone(CheckedModel model, Findings findings, long heads)
    {
        string[] matrices = ["blk.0.attn_q.weight", "blk.0.attn_qkv.weight"];
        if (heads == 0 && model.Own("attention.head_count") is { } entry
            && matrices.Select(model.File.Find).FirstOrDefault(stored => stored is not null) is { } asking)
        {
            findings.Add(entry.Problem($"makes layer 0 no heads of queries, yet there is {asking}"));
        }
    }

    /// <summary>Layer by layer: heads of keys and values are shared by the same number of queries each.</summary>
    private static void CheckCounts(CheckedModel model, Findings findings)
    {
        if (!model.TryPerLayer("attention.head_count", out long[]? heads))
        {
            return;
        }

        int layer = Array.FindIndex(heads, count => count is < 0 or > MaxHeads);
        if (layer >= 0)
        {
            findings.Add(model.Own("attention.head_count")!.Problem($"is {heads[layer]}; it must be from 0 to {MaxHeads}"));
            return;
        }

        if (model.TryPerLayer("attention.head_count_kv", out long[]? shared))
        {
            layer = Array.FindIndex(shared, count => count is < 0 or > MaxHeads);
            layer = layer >= 0 ? layer : Enumerable.Range(0, heads.Length)
                .FirstOrDefault(i => heads[i] > 0 && shared[i] > 0 && heads[i] % shared[i] != 0, -1);
            findings.Require(layer < 0, () => model.Own("attention.head_count_kv")!.Problem(
                $"is {shared[layer]}, among which {heads[layer]} heads of queries cannot be divided"));
        }
    }

    /// <summary>llama.cpp sizes the matrices by the first layer's heads, and computes with those of each layer.</summary>
    private static void CheckKeys(CheckedModel model, Findings findings, long keys, long heads)
    {
        long[] shared = model.Own("attention.head_count_kv") is null ? [heads]
            : model.TryPerLayer("attention.head_count_kv", out long[]? counts) ? counts : [];
        bool isList = model.Own("attention.head_count_kv") is { Type: GgufValueType.Array };
        if (!isList && model.Own("attention.key_length") is null)
        {
            return; // llama.cpp itself compares the shapes
        }

        long sliding = model.Number("attention.key_length_swa") ?? keys;
        for (int layer = 0; layer < (isList ? shared.Length : Math.Min(shared.Length, 1)); layer++)
        {
            if (shared[layer] > 0 && model.File.Find($"blk.{layer}.attn_k.weight") is { } stored
                && stored.RowCount != keys * shared[layer] && stored.RowCount != sliding * shared[layer])
            {
                GgufEntry entry = (model.Own("attention.key_length") ?? model.Own("attention.head_count_kv"))!;
                findings.Add(entry.Problem($"makes {shared[layer]} heads of {keys} numbers, which do not fit {stored}"));
                return;
            }
        }
    }

    /// <summary>Where layers differ in their heads, llama.cpp lets pass what its own arithmetic then asserts. Layers that
    /// remember rather than attend have none, and matrices of other shapes.</summary>
    private static void CheckLists(CheckedModel model, Findings findings, long keys, long values)
    {
        GgufEntry? queries = model.Own("attention.head_count"), shared = model.Own("attention.head_count_kv");
        if ((queries?.Type != GgufValueType.Array && shared?.Type != GgufValueType.Array)
            || model.Own("ssm.conv_kernel") is not null
            || !model.TryPerLayer("attention.head_count", out long[]? heads))
        {
            return;
        }

        long[] ofKeys = shared is not null && model.TryPerLayer("attention.head_count_kv", out long[]? counts) ? counts : heads;
        for (int layer = 0; layer < Math.Min(heads.Length, ofKeys.Length); layer++)
        {
            long fused = (keys * heads[layer]) + ((keys + values) * ofKeys[layer]);
            if (model.File.Find($"blk.{layer}.attn_qkv.weight") is { } all && all.RowCount != fused)
            {
                findings.Add((shared is { Type: GgufValueType.Array } ? shared : queries)!.Problem(
                    $"makes layer {layer} {heads[layer]} heads of queries and {ofKeys[layer]} of keys, which do not fit {all}"));
                return;
            }

            if (ofKeys[layer] == 0 && model.File.Find($"blk.{layer}.attn_k.weight") is { } stored)
            {
                findings.Add((shared ?? queries)!.Problem($"makes layer {layer} no heads of keys, yet there is {stored}"));
                return;
            }

            if (heads[layer] == 0 && model.File.Find($"blk.{layer}.attn_q.weight") is { } asking)
            {
                findings.Add(queries!.Problem($"makes layer {layer} no heads of queries, yet there is {asking}"));
                return;
            }
        }
    }

    private static void CheckRotated(CheckedModel model, Findings findings, long keys)
    {
        int least = ArchitectureTraits.Rotates(model.Architecture) ? 2 : 0;
        if (model.InRange(findings, "rope.dimension_count", least, keys) is not { } rotated)
        {
            return;
        }

        GgufEntry entry = model.Own("rope.dimension_count")!;
        if (rotated % 2 == 1)
        {
            findings.Add(entry.Problem($"is {rotated}; it must be even"));
        }
        else if (rotated != keys && ArchitectureTraits.RotatesWholeKeys(model.Architecture))
        {
            findings.Add(entry.Problem($"is {rotated}; {model.Architecture} rotates whole keys, which are of {keys}"));
        }
    }
}
