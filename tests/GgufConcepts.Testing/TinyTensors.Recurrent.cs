namespace GgufConcepts.Testing;

/// <summary>What recurrent layers are made of, and what Gemma 3n has that no other architecture has.</summary>
internal static partial class TinyTensors
{
    private const int Altups = 4;        // fixed in llama.cpp: states a layer keeps side by side,
    private const int AltupWidth = 256;  // numbers a layer looks up for a token,
    private const int LaurelRank = 64;   // rank of the detour around attention

    private static readonly Dictionary<string, Func<TinySizes, TinyShape>> s_recurrent = new()
    {
        ["ssm_in"] = sizes => Matrix(sizes.Width, 2 * sizes.Channels),
        ["ssm_in:heads"] = sizes => Matrix(sizes.Width, sizes.Channels + HeadChannels(sizes) + TinySizes.Steps),
        ["ssm_conv1d"] = sizes => Convolution(sizes.Channels),
        ["ssm_conv1d:heads"] = sizes => Convolution(HeadChannels(sizes)),
        ["ssm_conv1d:delta"] = _ => Convolution(DeltaChannels),
        ["ssm_x"] = sizes => Matrix(sizes.Channels, TinySizes.Steps + (2 * TinySizes.State)),
        ["ssm_dt"] = sizes => Matrix(TinySizes.Steps, sizes.Channels),
        ["ssm_dt:heads"] = _ => new([TinySizes.Steps], 0.1, Suffix: ".bias"),
        ["ssm_a"] = sizes => Decay(TinySizes.State, sizes.Channels),
        ["ssm_a:heads"] = _ => Decay(1, TinySizes.Steps),
        ["ssm_a:delta"] = _ => Decay(TinySizes.Steps),
        ["ssm_d"] = sizes => new([sizes.Channels], 0.1, Centre: 1, Suffix: ""),
        ["ssm_d:heads"] = _ => new([1, TinySizes.Steps], 0.1, Centre: 1, Suffix: ""),
        ["ssm_norm"] = sizes => new([sizes.Channels, 1], 0.1, Centre: 1), // of one group
        ["ssm_norm:delta"] = _ => Norm(TinySizes.State),
        ["ssm_out"] = sizes => Matrix(sizes.Channels, sizes.Width),
        ["ssm_out:delta"] = sizes => Matrix(DeltaValues, sizes.Width),
        ["attn_q:gated"] = sizes => Matrix(sizes.Width, 2 * sizes.Width),
        ["attn_qkv:delta"] = sizes => Matrix(sizes.Width, DeltaChannels),
        ["attn_gate"] = sizes => Matrix(sizes.Width, DeltaValues),
        ["ssm_beta"] = sizes => Matrix(sizes.Width, TinySizes.Steps),
        ["ssm_alpha"] = sizes => Matrix(sizes.Width, TinySizes.Steps),
        ["shortconv.conv"] = sizes => Convolution(sizes.Width),
        ["shortconv.in_proj"] = sizes => Matrix(sizes.Width, 3 * sizes.Width),
        ["shortconv.out_proj"] = sizes => Matrix(sizes.Width, sizes.Width),
    };

    private static readonly Dictionary<string, Func<TinySizes, TinyShape>> s_layered = new()
    {
        ["altup_proj"] = sizes => Altup(sizes),
        ["altup_unembd_proj"] = sizes => Altup(sizes),
        ["per_layer_token_embd"] = sizes => new([AltupWidth * sizes.Options.Layers, sizes.Vocabulary], 0.1),
        ["per_layer_model_proj"] = sizes => Matrix(sizes.Width, AltupWidth * sizes.Options.Layers),
        ["per_layer_proj_norm"] = _ => Norm(AltupWidth),
        ["inp_gate"] = sizes => Matrix(sizes.Width, AltupWidth),
        ["proj"] = sizes => Matrix(AltupWidth, sizes.Width),
        ["post_norm"] = sizes => Norm(sizes.Width),
        ["altup_correct_coef"] = _ => Matrix(Altups, Altups),
        ["altup_correct_scale"] = sizes => Norm(sizes.Width),
        ["altup_predict_coef"] = _ => Matrix(Altups, Altups * Altups),
        ["altup_router"] = sizes => Matrix(sizes.Width, Altups),
        ["altup_router_norm"] = sizes => Norm(sizes.Width),
        ["laurel_l"] = sizes => Matrix(sizes.Width, LaurelRank),
        ["laurel_r"] = sizes => Matrix(LaurelRank, sizes.Width),
        ["laurel_post_norm"] = sizes => Norm(sizes.Width),
    };

    /// <summary>Values of a delta net's heads.</summary>
    public static int DeltaValues => TinySizes.State * TinySizes.Steps;

    private static int DeltaChannels => DeltaValues + (2 * TinySizes.State * TinySizes.Groups);

    private static int HeadChannels(TinySizes sizes) => sizes.Channels + (2 * TinySizes.State);

    private static TinyShape Convolution(int channels) => new([TinySizes.Kernel, channels], 0.5);

    /// <summary>How fast states fade: below 0, and without a suffix in files.</summary>
    private static TinyShape Decay(params long[] dimensions) => new(dimensions, 0.1, Centre: -1, Suffix: "");

    private static TinyShape Altup(TinySizes sizes) =>
        new([sizes.Width, sizes.Width, Altups - 1], 1 / Math.Sqrt(sizes.Width));
}
