namespace GgufConcepts.Gguf.Rules;

/// <summary>The settings that llama.cpp reads, and the type it wants each to be of.</summary>
/// <remarks>Source: LLM_KV_NAMES in src/llama-arch.cpp and the calls of get_key, get_arr and get_key_or_arr, v0.4.0.
/// Settings that are not here are left alone: no one reads them.</remarks>
internal static class SettingTypes
{
    /// <summary>Under whole keys.</summary>
    private static readonly Dictionary<string, SettingKind> s_common = Table(
        (SettingKind.Text, "general.name tokenizer.chat_template"),
        (SettingKind.Name, "general.architecture tokenizer.ggml.model tokenizer.ggml.pre"),
        (
            SettingKind.Truth,
            """
            tokenizer.ggml.add_bos_token tokenizer.ggml.add_eos_token tokenizer.ggml.add_sep_token
            tokenizer.ggml.add_space_prefix tokenizer.ggml.remove_extra_whitespaces
            tokenizer.ggml.normalizer.lowercase tokenizer.ggml.normalizer.strip_accents
            """),
        (SettingKind.UInt16, "split.no split.count"),
        (
            SettingKind.UInt32,
            """
            general.file_type general.alignment tokenizer.ggml.token_type_count tokenizer.ggml.bos_token_id
            tokenizer.ggml.eos_token_id tokenizer.ggml.eot_token_id tokenizer.ggml.eom_token_id
            tokenizer.ggml.unknown_token_id tokenizer.ggml.seperator_token_id tokenizer.ggml.padding_token_id
            tokenizer.ggml.mask_token_id tokenizer.ggml.fim_pre_token_id tokenizer.ggml.fim_suf_token_id
            tokenizer.ggml.fim_mid_token_id tokenizer.ggml.fim_pad_token_id tokenizer.ggml.fim_rep_token_id
            tokenizer.ggml.fim_sep_token_id tokenizer.ggml.prefix_token_id tokenizer.ggml.suffix_token_id
            tokenizer.ggml.middle_token_id
            """),
        (SettingKind.Int32, "split.tensors.count"),
        (SettingKind.Float32PerLayer, "xielu.alpha_n xielu.alpha_p xielu.beta xielu.eps"),
        (SettingKind.Int32List, "tokenizer.ggml.token_type tokenizer.ggml.suppress_tokens"),
        (SettingKind.ByteList, "tokenizer.ggml.precompiled_charsmap"),
        (SettingKind.ScoreList, "tokenizer.ggml.scores"),
        (SettingKind.TextList, "tokenizer.ggml.tokens tokenizer.ggml.merges"));

    /// <summary>Under the name of the architecture and a dot.</summary>
    private static readonly Dictionary<string, SettingKind> s_own = Table(
        (SettingKind.Name, "hidden_activation rope.scaling.type"),
        (
            SettingKind.Truth,
            """
            use_parallel_residual expert_weights_norm swin_norm skip_loop_final_norm attention.causal
            rope.scaling.finetuned ssm.dt_b_c_rms kda.safe_gate norm_before_residual norm_before_fc
            """),
        (
            SettingKind.UInt32,
            """
            vocab_size context_length embedding_length embedding_length_out embedding_length_per_layer_input
            features_length block_count leading_dense_block_count attn_res.block_size
            expert_shared_feed_forward_length expert_chunk_feed_forward_length expert_count expert_shared_count
            expert_group_count expert_group_used_count expert_latent_length expert_gating_func experts_per_group
            moe_every_n_layers moe_latent_size nextn_predict_layers n_deepstack_layers pooling_type
            decoder_start_token_id decoder_block_count rescale_every_n_layers time_mix_extra_dim
            time_decay_extra_dim adapters.count adapters.lora_rank token_shift_count interleave_moe_layer_step
            full_attention_interval num_loops attention.key_length attention.value_length
            attention.group_norm_groups attention.q_lora_rank attention.kv_lora_rank attention.decay_lora_rank
            attention.iclr_lora_rank attention.value_residual_mix_lora_rank attention.gate_lora_rank
            attention.relative_buckets_count attention.sliding_window attention.temperature_length
            attention.key_length_mla attention.value_length_mla attention.key_length_swa attention.value_length_swa
            attention.key_length_mla_swa attention.value_length_mla_swa attention.kv_lora_rank_swa
            attention.indexer.head_count attention.indexer.key_length attention.indexer.top_k
            attention.indexer.block_size attention.indexer.local_blocks attention.output_group_count
            attention.output_lora_rank attention.shared_kv_layers hyper_connection.count
            hyper_connection.sinkhorn_iterations hyper_connection.low_rank ple.ngram_size ple.heads_per_ngram
            ple.conv_kernel ple.eos_token_id ple.image_token_id hash_layer_count rope.dimension_count
            rope.dimension_count_swa rope.scaling.original_context_length ssm.conv_kernel ssm.inner_size
            ssm.state_size ssm.time_step_rank ssm.group_count kda.head_dim wkv.head_size posnet.embedding_length
            posnet.block_count convnext.embedding_length convnext.block_count target_hidden_size block_size
            conv_kernel_size conv_group_size selector_rank selector_top_k shortconv.l_cache dense_2_feat_in
            dense_2_feat_out dense_3_feat_in dense_3_feat_out
            """),
        (
            SettingKind.Float32,
            """
            activation.situ_beta activation.situ_linear_beta expert_weights_scale expert_group_scale logit_scale
            attn_logit_softcapping router_logit_softcapping final_logit_softcapping residual_scale embedding_scale
            adapters.router_gain attention.max_alibi_bias attention.clamp_kqv attention.layer_norm_epsilon
            attention.layer_norm_rms_epsilon attention.group_norm_epsilon attention.scale attention.output_scale
            attention.value_scale attention.temperature_scale attention.compress_rope_freq_base
            hyper_connection.epsilon rope.freq_base rope.freq_base_swa rope.scale_linear rope.scaling.factor
            rope.scaling.alpha rope.scaling.attn_factor rope.scaling.yarn_log_multiplier
            rope.scaling.yarn_ext_factor rope.scaling.yarn_attn_factor rope.scaling.yarn_beta_fast
            rope.scaling.yarn_beta_slow kda.gate_lower_bound
            """),
        (
            SettingKind.UInt32PerLayer,
            """
            feed_forward_length expert_feed_forward_length expert_used_count attention.head_count
            attention.head_count_kv attention.sliding_window_pattern attention.indexer.types
            attention.compress_ratios attention.recurrent_layers
            """),
        (SettingKind.Float32PerLayer, "swiglu_clamp_exp swiglu_clamp_shexp"),
        (
            SettingKind.WholeList,
            """
            deepstack_mapping adapters.token_ids_activate adapters.token_ids_substitute attention.rope_pattern
            ple.layers rope.dimension_sections target_layers
            """),
        (SettingKind.UInt64List, "ple.layer_multipliers ple.head_offsets ple.head_vocab_sizes"),
        (SettingKind.TextList, "classifier.output_labels"));

    /// <summary>What belongs under a key; null where llama.cpp does not read it.</summary>
    public static SettingKind? Find(string key, string architecture)
    {
        bool isOwn = key.Length > architecture.Length && key[architecture.Length] == '.'
            && key.StartsWith(architecture, StringComparison.Ordinal);
        return isOwn && s_own.TryGetValue(key[(architecture.Length + 1)..], out SettingKind kind)
            || s_common.TryGetValue(key, out kind) ? kind : null;
    }

    /// <summary>Whether a setting is of the type that llama.cpp reads, or not read.</summary>
    public static bool Fits(GgufEntry entry, string architecture) =>
        Find(entry.Key, architecture) is not { } kind || kind.Takes(entry);

    private static Dictionary<string, SettingKind> Table(params (SettingKind Kind, string Names)[] rows) =>
        rows.SelectMany(row => row.Names.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
                .Select(name => (name, row.Kind)))
            .ToDictionary(pair => pair.name, pair => pair.Kind, StringComparer.Ordinal);
}
