using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.h: decoding, its outputs and the memory of sequences.</summary>
internal static unsafe partial class LlamaNative
{
    // int32_t llama_decode(struct llama_context * ctx, struct llama_batch batch);
    [LibraryImport(Library)]
    internal static partial DecodeStatus llama_decode(ContextHandle ctx, LlamaBatch batch);

    // void llama_attach_threadpool(struct llama_context * ctx, ggml_threadpool_t threadpool,
    //                              ggml_threadpool_t threadpool_batch);
    [LibraryImport(Library)]
    internal static partial void llama_attach_threadpool(ContextHandle ctx, nint threadpool, nint threadpool_batch);

    // void llama_set_embeddings(struct llama_context * ctx, bool embeddings);
    [LibraryImport(Library)]
    internal static partial void llama_set_embeddings(ContextHandle ctx, NativeBool embeddings);

    // float * llama_get_logits_ith(struct llama_context * ctx, int32_t i);
    [LibraryImport(Library)]
    internal static partial float* llama_get_logits_ith(ContextHandle ctx, int i);

    // float * llama_get_embeddings_ith(struct llama_context * ctx, int32_t i);
    [LibraryImport(Library)]
    internal static partial float* llama_get_embeddings_ith(ContextHandle ctx, int i);

    // llama_memory_t llama_get_memory(const struct llama_context * ctx);
    [LibraryImport(Library)]
    internal static partial nint llama_get_memory(ContextHandle ctx);

    // bool llama_memory_seq_rm(llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_memory_seq_rm(nint mem, int seq_id, int p0, int p1);

    // void llama_memory_seq_cp(llama_memory_t mem, llama_seq_id seq_id_src, llama_seq_id seq_id_dst, llama_pos p0,
    // llama_pos p1);
    [LibraryImport(Library)]
    internal static partial void llama_memory_seq_cp(nint mem, int seq_id_src, int seq_id_dst, int p0, int p1);

    // llama_pos llama_memory_seq_pos_max(llama_memory_t mem, llama_seq_id seq_id);
    [LibraryImport(Library)]
    internal static partial int llama_memory_seq_pos_max(nint mem, int seq_id);

    // struct llama_perf_context_data llama_perf_context(const struct llama_context * ctx);
    [LibraryImport(Library)]
    internal static partial LlamaPerfContextData llama_perf_context(ContextHandle ctx);
}
