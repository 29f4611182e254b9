namespace GgufConcepts.Gguf.Rules;

/// <summary>What llama.cpp takes for granted of some architectures, and ends the process over where it does not
/// hold.</summary>
/// <remarks>Source: the assertions in src/models/*.cpp, v0.4.0.</remarks>
internal static class ArchitectureTraits
{
    private static readonly HashSet<string> s_evenHeads = Words(
        """
        llama llama4 deci falcon grok gpt2 gptneox mpt baichuan starcoder refact bert modern-bert nomic-bert
        nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert bloom stablelm qwen qwen2 qwen2moe qwen2vl qwen3
        qwen3moe qwen3next qwen3vl qwen3vlmoe qwen35 qwen35moe phi2 phi3 phimoe plamo codeshell orion internlm2
        minicpm starcoder2 xverse command-r cohere2 cohere2moe dbrx olmo olmo2 olmoe muse-glimmer openelm arctic
        deepseek chatglm glm4 glm4moe bitnet t5 t5encoder jais jais2 nemotron nemotron_h nemotron_h_moe exaone
        exaone4 exaone-moe granite granitemoe granitehybrid graniteswitch granite_swa chameleon bailingmoe2 dots1
        arcee afmoe laguna ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 smollm3 dream
        smallthinker llada llada-moe seed_oss grovemoe apertus minimax-01 minimax-m2 minimax-m3 cogvlm rnd1
        pangu-embedded mistral3 eagle3 dflash paddleocr llama-embed maincoder talkie mellum nanbeige pockettts
        """);

    private static readonly HashSet<string> s_wholeKeys = Words(
        """
        llama llama4 deci falcon grok baichuan qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe plamo
        codeshell orion internlm2 minicpm starcoder2 xverse cohere2moe dbrx olmo olmo2 olmoe arctic deepseek jais2
        exaone exaone4 exaone-moe granite granitemoe graniteswitch granite_swa chameleon dots1 arcee
        ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 smollm3 dream smallthinker llada llada-moe
        seed_oss grovemoe apertus cogvlm rnd1 pangu-embedded mistral3 paddleocr llama-embed
        maincoder talkie mellum pockettts
        """);

    /// <summary>Those of LLAMA_ROPE_TYPE_NONE, those with learned positions, and one that may do without.</summary>
    private static readonly HashSet<string> s_unrotated = Words(
        """
        clip gpt2 gptj mpt refact bloom mamba mamba2 jamba jina-bert-v2 t5 t5encoder jais rwkv6 rwkv6qwen2 rwkv7 arwkv7
        wavtokenizer-dec nemotron_h nemotron_h_moe kimi-linear kimi-k3 bert starcoder granitehybrid
        """);

    /// <summary>Whether positions are rotated into keys; llama.cpp never returns from rotating none of their
    /// numbers.</summary>
    public static bool Rotates(string architecture) => !s_unrotated.Contains(architecture);

    /// <summary>Whether keys and values are of one length.</summary>
    public static bool KeysAreAsLongAsValues(string architecture) => s_evenHeads.Contains(architecture);

    /// <summary>Whether every number of a key is rotated by its position.</summary>
    public static bool RotatesWholeKeys(string architecture) => s_wholeKeys.Contains(architecture);

    /// <summary>Whether a layer may put another number of experts to work than the first.</summary>
    public static bool LayersUseExpertsOfTheirOwn(string architecture) => architecture is "nemotron_h" or "nemotron_h_moe";

    /// <summary>Whether a recurrent state is divided into groups, as Mamba2's is.</summary>
    public static bool GroupsStates(string architecture) =>
        architecture is "mamba2" or "granitehybrid" or "nemotron_h" or "nemotron_h_moe" or "falcon-h1";

    private static HashSet<string> Words(string text) =>
        text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
