using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.cpp's own way from logits to a token: its top-k and a draw. The yardstick of the mixer.</summary>
/// <remarks>One caller at a time. It holds the candidates between calls, 12 bytes a token.</remarks>
internal sealed class SamplerChain : SafeHandle
{
    private readonly LlamaTokenData[] _candidates;

    public SamplerChain(int vocabularySize, int topK, uint seed)
        : base(0, ownsHandle: true)
    {
        LlamaLibrary.EnsureLoaded();
        _candidates = new LlamaTokenData[vocabularySize];
        handle = LlamaNative.llama_sampler_chain_init(LlamaNative.llama_sampler_chain_default_params());
        LlamaNative.llama_sampler_chain_add(this, LlamaNative.llama_sampler_init_top_k(topK));
        LlamaNative.llama_sampler_chain_add(this, LlamaNative.llama_sampler_init_dist(seed));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Fills in the candidates, as llama.cpp does for each token, and lets the chain choose one.</summary>
    /// <param name="logits">Shape [vocabulary], finite or -infinity: a chain that chooses nothing ends the
    /// process.</param>
    public unsafe int Sample(ReadOnlySpan<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _candidates.Length);
        Span<LlamaTokenData> filled = _candidates.AsSpan(0, logits.Length);
        for (int id = 0; id < filled.Length; id++)
        {
            filled[id] = new LlamaTokenData { id = id, logit = logits[id] };
        }

        fixed (LlamaTokenData* candidates = _candidates)
        {
            LlamaTokenDataArray array = new() { data = candidates, size = (nuint)_candidates.Length, selected = -1 };
            LlamaNative.llama_sampler_apply(this, &array);
            return array.data[array.selected].id; // a sampler may have put others in their place
        }
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_sampler_free(handle);
        return true;
    }
}
