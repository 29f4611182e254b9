// Prints what the C# structs and enums of GgufConcepts.Native must agree with, one fact a line:
//
//   sizeof llama_batch 56
//   offsetof llama_batch.token 8
//   fieldsize llama_batch.token 8
//   fieldkind llama_batch.token other        (float or other: 4 bytes can be an int or a float)
//   enum llama_rope_type LLAMA_ROPE_TYPE_MROPE 8
//
// The lists below cannot fall behind the headers: an initialiser with one value for each listed field does not compile
// with a field too few or too many, nor does a switch over an enum that has a value more than the list. print_abi.sh
// makes errors of the warnings this rests on.

#include "ggml-backend.h"
#include "llama.h"

#include <stddef.h>
#include <stdio.h>

// clang-format off
#define llama_batch_FIELDS(F, N) \
    F(n_tokens) F(token) F(embd) F(pos) F(n_seq_id) F(seq_id) F(logits)
#define llama_model_params_FIELDS(F, N) \
    F(devices) F(tensor_buft_overrides) F(n_gpu_layers) F(split_mode) F(load_mode) F(lazy_mode) F(main_gpu) \
    F(tensor_split) F(progress_callback) F(progress_callback_user_data) F(kv_overrides) F(vocab_only) \
    F(check_tensors) F(use_extra_bufts) F(no_host) F(no_alloc) F(load_mtp)
#define llama_context_params_FIELDS(F, N) \
    F(n_ctx) F(n_batch) F(n_ubatch) F(n_seq_max) F(n_rs_seq) F(n_outputs_max) F(n_outputs_max_per_seq) \
    F(n_threads) F(n_threads_batch) F(ctx_type) F(rope_scaling_type) F(pooling_type) F(attention_type) \
    F(flash_attn_type) F(rope_freq_base) F(rope_freq_scale) F(yarn_ext_factor) F(yarn_attn_factor) \
    F(yarn_beta_fast) F(yarn_beta_slow) F(yarn_orig_ctx) F(defrag_thold) F(cb_eval) F(cb_eval_user_data) \
    F(type_k) F(type_v) F(abort_callback) F(abort_callback_data) F(embeddings) F(offload_kqv) F(no_perf) \
    F(op_offload) F(swa_full) F(kv_unified) F(samplers) F(n_samplers) F(ctx_other)
#define llama_token_data_FIELDS(F, N)           F(id) F(logit) F(p)
#define llama_token_data_array_FIELDS(F, N)     F(data) F(size) F(selected) F(sorted)
#define llama_chat_message_FIELDS(F, N)         F(role) F(content)
#define llama_perf_context_data_FIELDS(F, N) \
    F(t_start_ms) F(t_load_ms) F(t_p_eval_ms) F(t_eval_ms) F(n_p_eval) F(n_eval) F(n_reused)
#define llama_sampler_chain_params_FIELDS(F, N) F(no_perf)
#define ggml_type_traits_FIELDS(F, N) \
    F(type_name) F(blck_size) F(blck_size_interleave) F(type_size) F(is_quantized) F(to_float) F(from_float_ref)
#define ggml_threadpool_params_FIELDS(F, N) \
    N(cpumask) F(n_threads) F(prio) F(poll) F(strict_cpu) F(paused)
#define ggml_backend_dev_caps_FIELDS(F, N) \
    F(async) F(host_buffer) F(buffer_from_host_ptr) F(events) F(mmap_support)
#define ggml_backend_dev_props_FIELDS(F, N) /* N: a struct or array inside, initialised with braces */ \
    F(name) F(description) F(memory_free) F(memory_total) F(type) F(device_id) N(caps)

#define ggml_type_VALUES(V) \
    V(GGML_TYPE_F32) V(GGML_TYPE_F16) V(GGML_TYPE_Q4_0) V(GGML_TYPE_Q4_1) V(GGML_TYPE_Q5_0) V(GGML_TYPE_Q5_1) \
    V(GGML_TYPE_Q8_0) V(GGML_TYPE_Q8_1) V(GGML_TYPE_Q2_K) V(GGML_TYPE_Q3_K) V(GGML_TYPE_Q4_K) V(GGML_TYPE_Q5_K) \
    V(GGML_TYPE_Q6_K) V(GGML_TYPE_Q8_K) V(GGML_TYPE_IQ2_XXS) V(GGML_TYPE_IQ2_XS) V(GGML_TYPE_IQ3_XXS) \
    V(GGML_TYPE_IQ1_S) V(GGML_TYPE_IQ4_NL) V(GGML_TYPE_IQ3_S) V(GGML_TYPE_IQ2_S) V(GGML_TYPE_IQ4_XS) \
    V(GGML_TYPE_I8) V(GGML_TYPE_I16) V(GGML_TYPE_I32) V(GGML_TYPE_I64) V(GGML_TYPE_F64) V(GGML_TYPE_IQ1_M) \
    V(GGML_TYPE_BF16) V(GGML_TYPE_TQ1_0) V(GGML_TYPE_TQ2_0) V(GGML_TYPE_MXFP4) V(GGML_TYPE_NVFP4) \
    V(GGML_TYPE_Q1_0) V(GGML_TYPE_Q2_0) V(GGML_TYPE_COUNT)
#define ggml_log_level_VALUES(V) \
    V(GGML_LOG_LEVEL_NONE) V(GGML_LOG_LEVEL_DEBUG) V(GGML_LOG_LEVEL_INFO) V(GGML_LOG_LEVEL_WARN) \
    V(GGML_LOG_LEVEL_ERROR) V(GGML_LOG_LEVEL_CONT)
#define ggml_backend_dev_type_VALUES(V) \
    V(GGML_BACKEND_DEVICE_TYPE_CPU) V(GGML_BACKEND_DEVICE_TYPE_GPU) V(GGML_BACKEND_DEVICE_TYPE_IGPU) \
    V(GGML_BACKEND_DEVICE_TYPE_ACCEL) V(GGML_BACKEND_DEVICE_TYPE_META)
#define llama_rope_type_VALUES(V) \
    V(LLAMA_ROPE_TYPE_NONE) V(LLAMA_ROPE_TYPE_NORM) V(LLAMA_ROPE_TYPE_NEOX) V(LLAMA_ROPE_TYPE_MROPE) \
    V(LLAMA_ROPE_TYPE_IMROPE) V(LLAMA_ROPE_TYPE_VISION)
#define llama_vocab_type_VALUES(V) \
    V(LLAMA_VOCAB_TYPE_NONE) V(LLAMA_VOCAB_TYPE_SPM) V(LLAMA_VOCAB_TYPE_BPE) V(LLAMA_VOCAB_TYPE_WPM) \
    V(LLAMA_VOCAB_TYPE_UGM) V(LLAMA_VOCAB_TYPE_RWKV) V(LLAMA_VOCAB_TYPE_PLAMO2)
#define llama_pooling_type_VALUES(V) \
    V(LLAMA_POOLING_TYPE_UNSPECIFIED) V(LLAMA_POOLING_TYPE_NONE) V(LLAMA_POOLING_TYPE_MEAN) \
    V(LLAMA_POOLING_TYPE_CLS) V(LLAMA_POOLING_TYPE_LAST) V(LLAMA_POOLING_TYPE_RANK)
#define llama_token_attr_VALUES(V) \
    V(LLAMA_TOKEN_ATTR_UNDEFINED) V(LLAMA_TOKEN_ATTR_UNKNOWN) V(LLAMA_TOKEN_ATTR_UNUSED) \
    V(LLAMA_TOKEN_ATTR_NORMAL) V(LLAMA_TOKEN_ATTR_CONTROL) V(LLAMA_TOKEN_ATTR_USER_DEFINED) \
    V(LLAMA_TOKEN_ATTR_BYTE) V(LLAMA_TOKEN_ATTR_NORMALIZED) V(LLAMA_TOKEN_ATTR_LSTRIP) \
    V(LLAMA_TOKEN_ATTR_RSTRIP) V(LLAMA_TOKEN_ATTR_SINGLE_WORD)
#define llama_split_mode_VALUES(V) \
    V(LLAMA_SPLIT_MODE_NONE) V(LLAMA_SPLIT_MODE_LAYER) V(LLAMA_SPLIT_MODE_ROW) V(LLAMA_SPLIT_MODE_TENSOR)
#define llama_load_mode_VALUES(V) \
    V(LLAMA_LOAD_MODE_AUTO) V(LLAMA_LOAD_MODE_NONE) V(LLAMA_LOAD_MODE_MMAP) V(LLAMA_LOAD_MODE_MLOCK) \
    V(LLAMA_LOAD_MODE_MMAP_MLOCK) V(LLAMA_LOAD_MODE_DIRECT_IO)
#define llama_flash_attn_type_VALUES(V) \
    V(LLAMA_FLASH_ATTN_TYPE_AUTO) V(LLAMA_FLASH_ATTN_TYPE_DISABLED) V(LLAMA_FLASH_ATTN_TYPE_ENABLED)
// clang-format on

#define ONE_VALUE(field) 0,
#define ONE_STRUCT(field) { 0 },
#define KIND(value) _Generic((value), float: "float", double: "float", default: "other")
#define PRINT_FIELD(field)                                                                          \
    printf("offsetof %s.%s %zu\n", name, #field, offsetof(__typeof__(all), field));                 \
    printf("fieldsize %s.%s %zu\n", name, #field, sizeof(all.field));                               \
    printf("fieldkind %s.%s %s\n", name, #field, KIND(all.field));

#define STRUCT(s)                                                                                   \
    {                                                                                               \
        static const struct s all = { s##_FIELDS(ONE_VALUE, ONE_STRUCT) };                          \
        const char * name = #s;                                                                     \
        printf("sizeof %s %zu\n", name, sizeof(all));                                               \
        s##_FIELDS(PRINT_FIELD, PRINT_FIELD)                                                        \
    }

#define ONE_CASE(value) case value:
#define PRINT_VALUE(value) printf("enum %s %s %d\n", name, #value, (int) value);

#define ENUM(e)                                                                                     \
    {                                                                                               \
        const char * name = #e;                                                                     \
        enum e any = (enum e) 0;                                                                    \
        switch (any) { e##_VALUES(ONE_CASE) break; }                                                \
        e##_VALUES(PRINT_VALUE)                                                                     \
    }

int main(void) {
    STRUCT(llama_batch)
    STRUCT(llama_model_params)
    STRUCT(llama_context_params)
    STRUCT(llama_token_data)
    STRUCT(llama_token_data_array)
    STRUCT(llama_chat_message)
    STRUCT(llama_perf_context_data)
    STRUCT(llama_sampler_chain_params)
    STRUCT(ggml_type_traits)
    STRUCT(ggml_threadpool_params)
    STRUCT(ggml_backend_dev_caps)
    STRUCT(ggml_backend_dev_props)

    ENUM(ggml_type)
    ENUM(ggml_log_level)
    ENUM(ggml_backend_dev_type)
    ENUM(llama_rope_type)
    ENUM(llama_vocab_type)
    ENUM(llama_pooling_type)
    ENUM(llama_token_attr)
    ENUM(llama_split_mode)
    ENUM(llama_load_mode)
    ENUM(llama_flash_attn_type)
    return 0;
}
