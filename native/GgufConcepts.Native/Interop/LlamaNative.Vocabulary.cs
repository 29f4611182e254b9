using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.h: the vocabulary. An id out of range throws through C++ and ends the process: callers check
/// first.</summary>
internal static unsafe partial class LlamaNative
{
    // int32_t llama_vocab_n_tokens(const struct llama_vocab * vocab);
    [LibraryImport(Library)]
    internal static partial int llama_vocab_n_tokens(nint vocab);

    // enum llama_vocab_type llama_vocab_type(const struct llama_vocab * vocab);
    [LibraryImport(Library)]
    internal static partial LlamaVocabType llama_vocab_type(nint vocab);

    // bool llama_vocab_is_eog(const struct llama_vocab * vocab, llama_token token);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_vocab_is_eog(nint vocab, int token);

    // bool llama_vocab_is_control(const struct llama_vocab * vocab, llama_token token);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_vocab_is_control(nint vocab, int token);

    // llama_token llama_vocab_bos(const struct llama_vocab * vocab);
    [LibraryImport(Library)]
    internal static partial int llama_vocab_bos(nint vocab);

    // llama_token llama_vocab_eos(const struct llama_vocab * vocab);
    [LibraryImport(Library)]
    internal static partial int llama_vocab_eos(nint vocab);

    // bool llama_vocab_get_add_bos(const struct llama_vocab * vocab);
    [LibraryImport(Library)]
    internal static partial NativeBool llama_vocab_get_add_bos(nint vocab);

    // int32_t llama_tokenize(const struct llama_vocab * vocab, const char * text, int32_t text_len, llama_token *
    // tokens,
    //                        int32_t n_tokens_max, bool add_special, bool parse_special);
    // Returns the count, or minus the count that would have been needed.
    [LibraryImport(Library)]
    internal static partial int llama_tokenize(
        nint vocab, byte* text, int text_len, int* tokens, int n_tokens_max, NativeBool add_special, NativeBool parse_special);

    // int32_t llama_token_to_piece(const struct llama_vocab * vocab, llama_token token, char * buf, int32_t length,
    //                              int32_t lstrip, bool special);
    // Returns the bytes, or minus the bytes that would have been needed.
    [LibraryImport(Library)]
    internal static partial int llama_token_to_piece(
        nint vocab, int token, byte* buf, int length, int lstrip, NativeBool special);

    // int32_t llama_detokenize(const struct llama_vocab * vocab, const llama_token * tokens, int32_t n_tokens, char *
    // text,
    //                          int32_t text_len_max, bool remove_special, bool unparse_special);
    // Returns the bytes, or minus the bytes that would have been needed.
    [LibraryImport(Library)]
    internal static partial int llama_detokenize(
        nint vocab, int* tokens, int n_tokens, byte* text, int text_len_max, NativeBool remove_special, NativeBool unparse_special);
}
