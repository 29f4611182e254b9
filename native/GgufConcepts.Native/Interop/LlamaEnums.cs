namespace GgufConcepts.Native;

/// <summary>What <c>llama_decode</c> returns (llama.h).</summary>
public enum DecodeStatus
{
    /// <summary>The batch was decoded.</summary>
    Done = 0,

    /// <summary>No free slot in the key/value cache: the context is full.</summary>
    NoSlot = 1,

    /// <summary>The abort callback asked to stop; the batch left nothing behind.</summary>
    Aborted = 2,

    /// <summary>The batch was refused: a bad id, position or sequence. Anything below is fatal.</summary>
    InvalidBatch = -1,
}

/// <summary>How positions enter the attention (<c>enum llama_rope_type</c>).</summary>
public enum LlamaRopeType
{
    /// <summary>No rotary embedding (learned positions, or none).</summary>
    None = -1,

    /// <summary>Pairs of neighbouring dimensions.</summary>
    Norm = 0,

    /// <summary>Pairs half a head apart.</summary>
    Neox = 2,

    /// <summary>Multi-dimensional: a vector batch needs four positions a row.</summary>
    Mrope = 8,

    /// <summary>Interleaved multi-dimensional: four positions a row as well.</summary>
    Imrope = 40,

    /// <summary>For vision encoders.</summary>
    Vision = 24,
}

/// <summary>Levels of the native log (<c>enum ggml_log_level</c>).</summary>
internal enum GgmlLogLevel
{
    None = 0,
    Debug = 1,
    Info = 2,
    Warn = 3,
    Error = 4,
    Cont = 5, // continues the line before
}

/// <summary>How several graphics cards share a model (<c>enum llama_split_mode</c>).</summary>
public enum LlamaSplitMode
{
    /// <summary>All of it on one card.</summary>
    None = 0,

    /// <summary>Each card has some of the layers.</summary>
    Layer = 1,

    /// <summary>Each card has some of the rows of every matrix, where its module can.</summary>
    Row = 2,

    /// <summary>Each card computes a part of every matrix product.</summary>
    Tensor = 3,
}

/// <summary>What a compute device is (<c>enum ggml_backend_dev_type</c>).</summary>
public enum ComputeDeviceKind
{
    /// <summary>The processor.</summary>
    Cpu = 0,

    /// <summary>A graphics card with memory of its own.</summary>
    Gpu = 1,

    /// <summary>A graphics processor that shares the host's memory.</summary>
    Igpu = 2,

    /// <summary>A library that speeds the processor up, such as BLAS or AMX.</summary>
    Accel = 3,

    /// <summary>Several devices seen as one.</summary>
    Meta = 4,
}

/// <summary>Whether hidden states are pooled (<c>enum llama_pooling_type</c>).</summary>
internal enum LlamaPoolingType
{
    Unspecified = -1,
    None = 0,
    Mean = 1,
    Cls = 2,
    Last = 3,
    Rank = 4,
}

/// <summary>The tokenizer's kind (<c>enum llama_vocab_type</c>).</summary>
internal enum LlamaVocabType
{
    None = 0,
    Spm = 1,
    Bpe = 2,
    Wpm = 3,
    Ugm = 4,
    Rwkv = 5,
    Plamo2 = 6,
}

/// <summary>When fused attention is used (<c>enum llama_flash_attn_type</c>).</summary>
internal enum LlamaFlashAttnType
{
    Auto = -1,
    Disabled = 0,
    Enabled = 1,
}
