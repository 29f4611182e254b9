using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.h: the library, its models and contexts. Prototypes are those of v0.4.0.</summary>
internal static unsafe partial class LlamaNative
{
    internal const string Library = "llama";

    // const char * llama_version(void);
    [LibraryImport(Library)]
    internal static partial byte* llama_version();

    // void llama_log_set(ggml_log_callback log_callback, void * user_data);
    // Sets ggml's callback too; ggml_log_set alone leaves libllama's own lines on stderr.
    [LibraryImport(Library)]
    internal static partial void llama_log_set(
        delegate* unmanaged[Cdecl]<GgmlLogLevel, byte*, void*, void> log_callback, void* user_data);

    // void llama_backend_init(void);
    [LibraryImport(Library)]
    internal static partial void llama_backend_init();

    // const char * llama_print_system_info(void);
    [LibraryImport(Library)]
    internal static partial byte* llama_print_system_info();

    // struct llama_model_params llama_model_default_params(void);
    [LibraryImport(Library)]
    internal static partial LlamaModelParams llama_model_default_params();

    // struct llama_context_params llama_context_default_params(void);
    [LibraryImport(Library)]
    internal static partial LlamaContextParams llama_context_default_params();

    // struct llama_model * llama_model_load_from_splits(const char ** paths, size_t n_paths, struct llama_model_params
    // params);
    [LibraryImport(Library)]
    internal static partial ModelHandle llama_model_load_from_splits(byte** paths, nuint n_paths, LlamaModelParams parameters);

    // void llama_model_free(struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial void llama_model_free(nint model);

    // struct llama_context * llama_init_from_model(struct llama_model * model, struct llama_context_params params);
    [LibraryImport(Library)]
    internal static partial ContextHandle llama_init_from_model(ModelHandle model, LlamaContextParams parameters);

    // void llama_free(struct llama_context * ctx);
    [LibraryImport(Library)]
    internal static partial void llama_free(nint ctx);

    // const struct llama_vocab * llama_model_get_vocab(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial nint llama_model_get_vocab(ModelHandle model);

    // enum llama_rope_type llama_model_rope_type(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial LlamaRopeType llama_model_rope_type(ModelHandle model);

    // int32_t llama_model_n_ctx_train(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial int llama_model_n_ctx_train(ModelHandle model);

    // int32_t llama_model_n_embd(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial int llama_model_n_embd(ModelHandle model);

    // int32_t llama_model_n_embd_inp(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial int llama_model_n_embd_inp(ModelHandle model);

    // int32_t llama_model_n_embd_out(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial int llama_model_n_embd_out(ModelHandle model);

    // int32_t llama_model_n_layer(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial int llama_model_n_layer(ModelHandle model);

    // int32_t llama_model_meta_val_str(
    //     const struct llama_model * model, const char * key, char * buf, size_t buf_size);
    // Bytes of the value, or -1 where there is none.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int llama_model_meta_val_str(ModelHandle model, string key, byte* buf, nuint buf_size);

    // int32_t llama_model_desc(const struct llama_model * model, char * buf, size_t buf_size);
    [LibraryImport(Library)]
    internal static partial int llama_model_desc(ModelHandle model, byte* buf, nuint buf_size);

    // uint64_t llama_model_size(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial ulong llama_model_size(ModelHandle model);

    // uint64_t llama_model_n_params(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial ulong llama_model_n_params(ModelHandle model);

    // bool llama_model_has_encoder(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_model_has_encoder(ModelHandle model);

    // bool llama_model_has_decoder(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_model_has_decoder(ModelHandle model);

    // bool llama_model_is_recurrent(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_model_is_recurrent(ModelHandle model);

    // bool llama_model_is_hybrid(const struct llama_model * model);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_model_is_hybrid(ModelHandle model);

    // uint32_t llama_n_ctx(const struct llama_context * ctx);
    [LibraryImport(Library)]
    internal static partial uint llama_n_ctx(ContextHandle ctx);

    // uint32_t llama_n_batch(const struct llama_context * ctx);
    [LibraryImport(Library)]
    internal static partial uint llama_n_batch(ContextHandle ctx);
}
