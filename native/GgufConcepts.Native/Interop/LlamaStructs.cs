using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

// Mirrors of the structs in llama.h and ggml.h: same names, same order. LlamaAbiTests holds every size and offset to
// what a C compiler prints from the release's own headers.

/// <summary>Mirror of <c>struct llama_batch</c>: the input of one forward pass.</summary>
/// <remarks>Exactly one of <see cref="token"/> and <see cref="embd"/> is set.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int n_tokens;
    public int* token;     // [n_tokens] vocabulary ids
    public float* embd;    // [n_tokens, n_embd_inp] row-major
    public int* pos;       // [n_tokens], or [4, n_tokens] for vectors of an M-RoPE model
    public int* n_seq_id;  // [n_tokens] how many sequences the row belongs to
    public int** seq_id;   // [n_tokens][n_seq_id]
    public sbyte* logits;  // [n_tokens] 1 = this row is an output
}

/// <summary>Mirror of <c>struct llama_model_params</c>, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaModelParams
{
    public nint* devices; // NULL-terminated
    public nint tensor_buft_overrides;
    public int n_gpu_layers; // negative = all
    public int split_mode;
    public int load_mode;
    public int lazy_mode;
    public int main_gpu;
    public float* tensor_split;
    public delegate* unmanaged[Cdecl]<float, void*, NativeBool> progress_callback;
    public void* progress_callback_user_data;
    public nint kv_overrides;
    public NativeBool vocab_only;
    public NativeBool check_tensors;
    public NativeBool use_extra_bufts;
    public NativeBool no_host;
    public NativeBool no_alloc;
    public NativeBool load_mtp;
}

/// <summary>Mirror of <c>struct llama_context_params</c>, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaContextParams
{
    public uint n_ctx;
    public uint n_batch;
    public uint n_ubatch;
    public uint n_seq_max;
    public uint n_rs_seq;
    public uint n_outputs_max;
    public uint n_outputs_max_per_seq;
    public int n_threads;
    public int n_threads_batch;
    public int ctx_type;
    public int rope_scaling_type;
    public LlamaPoolingType pooling_type;
    public int attention_type;
    public LlamaFlashAttnType flash_attn_type;
    public float rope_freq_base;
    public float rope_freq_scale;
    public float yarn_ext_factor;
    public float yarn_attn_factor;
    public float yarn_beta_fast;
    public float yarn_beta_slow;
    public uint yarn_orig_ctx;
    public float defrag_thold;
    public delegate* unmanaged[Cdecl]<nint, NativeBool, void*, NativeBool> cb_eval;
    public void* cb_eval_user_data;
    public GgmlType type_k;
    public GgmlType type_v;
    public delegate* unmanaged[Cdecl]<void*, NativeBool> abort_callback;
    public void* abort_callback_data;
    public NativeBool embeddings;
    public NativeBool offload_kqv;
    public NativeBool no_perf;
    public NativeBool op_offload;
    public NativeBool swa_full;
    public NativeBool kv_unified;
    public nint samplers;
    public nuint n_samplers;
    public nint ctx_other;
}

/// <summary>Mirror of <c>struct llama_perf_context_data</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaPerfContextData
{
    public double t_start_ms;
    public double t_load_ms;
    public double t_p_eval_ms;
    public double t_eval_ms;
    public int n_p_eval;
    public int n_eval;
    public int n_reused; // times a compute graph was used again
}

/// <summary>Mirror of <c>struct ggml_type_traits</c>: how one storage type is laid out and read.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlTypeTraits
{
    public byte* type_name;
    public long blck_size;
    public long blck_size_interleave;
    public nuint type_size;
    public NativeBool is_quantized;
    public delegate* unmanaged[Cdecl]<void*, float*, long, void> to_float;
    public delegate* unmanaged[Cdecl]<float*, void*, long, void> from_float_ref;
}

/// <summary>Mirror of <c>struct llama_chat_message</c>: one message of a chat.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaChatMessage
{
    public byte* role;    // UTF-8, ends with NUL
    public byte* content; // the same
}

/// <summary>Mirror of <c>struct llama_token_data</c>: a candidate.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaTokenData
{
    public int id;
    public float logit;
    public float p;
}

/// <summary>Mirror of <c>struct llama_token_data_array</c>: the candidates a sampler works on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaTokenDataArray
{
    public LlamaTokenData* data; // [size]
    public nuint size;
    public long selected;        // index into data, -1 = none yet
    public NativeBool sorted;
}

/// <summary>Mirror of <c>struct llama_sampler_chain_params</c>, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LlamaSamplerChainParams
{
    public NativeBool no_perf;
}

/// <summary>Mirror of <c>struct ggml_threadpool_params</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GgmlThreadpoolParams
{
    public fixed byte cpumask[512]; // all 0: any processor
    public int n_threads;
    public int prio;
    public uint poll; // how long a thread without work spins before it sleeps: 131,072 rounds each
    public NativeBool strict_cpu;
    public NativeBool paused;
}
