namespace GgufConcepts.Testing;

/// <summary>The architectures there are tiny models of; <see cref="TinyDesigns"/> says what each is made of.</summary>
public enum TinyArchitecture
{
    /// <summary>Head and embeddings are one matrix, as in the small Qwen2.5 models; ChatML template.</summary>
    Qwen2,

    /// <summary>A head of its own.</summary>
    Qwen2Untied,

    /// <summary>Learned position embeddings, layer norm with bias, no template.</summary>
    Gpt2,

    /// <summary>Wants a begin-of-text token.</summary>
    Llama,

    /// <summary>Scales token embeddings by sqrt(width), and fed vectors not; sliding window on every other
    /// layer.</summary>
    Gemma3,

    /// <summary>M-RoPE: four positions a row.</summary>
    Qwen2VL,

    /// <summary>Attention grows warmer with the position.</summary>
    Mistral3,

    /// <summary>Queries and keys are normed, head by head.</summary>
    Qwen3,

    /// <summary>Experts.</summary>
    Qwen3Moe,

    /// <summary>Input rows are wider than embeddings: room for what an image says to the first layers.</summary>
    Qwen3VL,

    /// <summary>Scales token embeddings and fed vectors alike.</summary>
    Gemma,

    /// <summary>The same; caps the logits, sliding window on every other layer.</summary>
    Gemma2,

    /// <summary>Queries, keys and values are one matrix, gate and inner layer are another. Not called Phi3: in a model
    /// whose name says so llama.cpp looks for tokens of the real one, and throws where there are none.</summary>
    Phi,

    /// <summary>Scales embeddings, what blocks add, attention and logits by numbers that the file states.</summary>
    Granite,

    /// <summary>The same with wider input rows: token embeddings are scaled, and fed vectors not.</summary>
    GraniteVision,

    /// <summary>Attention and feed-forward side by side, from one norm.</summary>
    Falcon,

    /// <summary>Layer norm and biases everywhere, rotated positions.</summary>
    Starcoder2,

    /// <summary>Norms after attention and feed-forward, none before.</summary>
    Olmo2,

    /// <summary>Attention and feed-forward side by side, from two norms; a quarter of each head is rotated.</summary>
    GptNeoX,

    /// <summary>Layer norm before a gated feed-forward; a quarter of each head is rotated.</summary>
    StableLM,

    /// <summary>Scales logits; the layers without a window know no positions.</summary>
    Cohere2,

    /// <summary>A recurrent state and no attention.</summary>
    Mamba,

    /// <summary>The same in heads.</summary>
    Mamba2,

    /// <summary>Short convolutions and attention take turns.</summary>
    Lfm2,

    /// <summary>Gated delta nets and attention take turns.</summary>
    Qwen35,

    /// <summary>Mamba2 and attention take turns, scaled as Granite is.</summary>
    GraniteHybrid,

    /// <summary>Looks up more than one row for a token: every layer has a table of its own.</summary>
    Gemma3n,

    /// <summary>Has other weights for fed vectors, which it takes to be images.</summary>
    CogVLM,

    /// <summary>Ends the process when it is fed a vector.</summary>
    Glm4,

    /// <summary>The same with M-RoPE, as files for images have it: takes vectors.</summary>
    Glm4V,

    /// <summary>An encoder: reads both ways and says no next token.</summary>
    Bert,

    /// <summary>Makes all words of a text at once, reading both ways.</summary>
    Dream,
}
