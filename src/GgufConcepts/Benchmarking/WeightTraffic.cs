using GgufConcepts.Gguf;

namespace GgufConcepts.Benchmarking;

/// <summary>How many bytes of weights one token's decode must read.</summary>
internal static class WeightTraffic
{
    /// <summary>Counts them.</summary>
    /// <remarks>Every tensor once, except: an embedding table that is no output head as well, of which one row is read;
    /// and of experts only those that a token is sent to. Keys and values of earlier positions are not counted: they
    /// are few at the positions a bench visits.</remarks>
    public static long BytesPerStep(GgufModelFile file)
    {
        bool tied = file.Find("output.weight") is null;
        file.Metadata.TryGetString("general.architecture", out string architecture);
        double used = file.Metadata.TryGetInteger($"{architecture}.expert_count", out long experts)
            && file.Metadata.TryGetInteger($"{architecture}.expert_used_count", out long chosen) && experts > 0
            ? (double)chosen / experts
            : 1;
        double bytes = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            bool isTable = tensor.Name is "token_embd.weight" or "position_embd.weight";
            bool isExpert = tensor.Name.Contains("_exps.", StringComparison.Ordinal);
            bytes += isTable && !(tied && tensor.Name == "token_embd.weight") ? tensor.ByteLength / tensor.RowCount
                : isExpert ? used * tensor.ByteLength
                : tensor.ByteLength;
        }

        return (long)bytes;
    }
}
