using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.h: samplers. Prototypes are those of v0.4.0.</summary>
internal static unsafe partial class LlamaNative
{
    // struct llama_sampler_chain_params llama_sampler_chain_default_params(void);
    [LibraryImport(Library)]
    internal static partial LlamaSamplerChainParams llama_sampler_chain_default_params();

    // struct llama_sampler * llama_sampler_chain_init(struct llama_sampler_chain_params params);
    [LibraryImport(Library)]
    internal static partial nint llama_sampler_chain_init(LlamaSamplerChainParams parameters);

    // void llama_sampler_chain_add(struct llama_sampler * chain, struct llama_sampler * smpl);
    // The chain takes ownership of the sampler and frees it.
    [LibraryImport(Library)]
    internal static partial void llama_sampler_chain_add(SamplerChain chain, nint smpl);

    // struct llama_sampler * llama_sampler_init_top_k(int32_t k);
    [LibraryImport(Library)]
    internal static partial nint llama_sampler_init_top_k(int k);

    // struct llama_sampler * llama_sampler_init_dist(uint32_t seed);
    [LibraryImport(Library)]
    internal static partial nint llama_sampler_init_dist(uint seed);

    // void llama_sampler_apply(struct llama_sampler * smpl, llama_token_data_array * cur_p);
    [LibraryImport(Library)]
    internal static partial void llama_sampler_apply(SamplerChain smpl, LlamaTokenDataArray* cur_p);

    // void llama_sampler_free(struct llama_sampler * smpl);
    [LibraryImport(Library)]
    internal static partial void llama_sampler_free(nint smpl);
}
