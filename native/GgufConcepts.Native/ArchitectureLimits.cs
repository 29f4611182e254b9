namespace GgufConcepts.Native;

/// <summary>What llama.cpp cannot do with some architectures, as its source says (src/models, v0.4.0).</summary>
internal static class ArchitectureLimits
{
    /// <summary>Whether a model can be fed vectors: over those of some architectures llama.cpp ends the process.</summary>
    /// <param name="architecture">As <c>general.architecture</c> has it.</param>
    /// <param name="rope">How positions enter.</param>
    /// <remarks>Source: glm4.cpp, glm4-moe.cpp and granite-switch.cpp.</remarks>
    public static bool TakesVectors(string architecture, LlamaRopeType rope) => architecture switch
    {
        "glm4" or "glm4moe" => rope == LlamaRopeType.Mrope, // files made for images
        "graniteswitch" => false,
        _ => true,
    };

    /// <summary>Whether a decode can leave both hidden states and logits; else, asked for the former, it leaves no
    /// logits.</summary>
    /// <param name="architecture">As <c>general.architecture</c> has it.</param>
    /// <remarks>Source: lfm2.cpp.</remarks>
    public static bool GivesHiddenBesideLogits(string architecture) => architecture is not ("lfm2" or "lfm2moe");
}
