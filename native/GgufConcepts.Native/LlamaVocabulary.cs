using System.Text;

namespace GgufConcepts.Native;

/// <summary>A model's tokens: text to ids and back.</summary>
internal sealed unsafe class LlamaVocabulary : IVocabulary
{
    private static int s_tokenizing;

    private readonly ModelHandle _model; // owns the vocabulary
    private readonly nint _vocab;
    private readonly LlamaVocabType _kind;

    internal LlamaVocabulary(ModelHandle model)
    {
        _model = model;
        _vocab = LlamaNative.llama_model_get_vocab(model);
        _kind = LlamaNative.llama_vocab_type(_vocab);
        Count = LlamaNative.llama_vocab_n_tokens(_vocab);
        BeginOfText = LlamaNative.llama_vocab_bos(_vocab);
        EndOfText = LlamaNative.llama_vocab_eos(_vocab);
        AddsBeginOfText = LlamaNative.llama_vocab_get_add_bos(_vocab);
    }

    /// <summary>Whether a text of this process is being cut into tokens now, by any vocabulary.</summary>
    public static bool IsTokenizing => Volatile.Read(ref s_tokenizing) > 0;

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int BeginOfText { get; }

    /// <summary>The token that ends a text, or -1.</summary>
    public int EndOfText { get; }

    /// <inheritdoc/>
    public bool AddsBeginOfText { get; }

    /// <inheritdoc/>
    public bool AddsSpacePrefix => _kind == LlamaVocabType.Spm;

    /// <inheritdoc/>
    public bool IsEndOfGeneration(int id) => Use(id, LlamaNative.llama_vocab_is_eog);

    /// <inheritdoc/>
    public bool IsControl(int id) => Use(id, LlamaNative.llama_vocab_is_control);

    /// <inheritdoc/>
    /// <remarks>Asks about every token, so the model is held once rather than for each.</remarks>
    public int[] FindMarkers()
    {
        List<int> ids = [];
        using ModelHandle.Hold hold = _model.KeepAlive();
        for (int id = 0; id < Count; id++)
        {
            if (LlamaNative.llama_vocab_is_control(_vocab, id) || LlamaNative.llama_vocab_is_eog(_vocab, id))
            {
                ids.Add(id);
            }
        }

        return [.. ids];
    }

    /// <inheritdoc/>
    public int[] Tokenize(string text, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(text) + 1]; // never empty, so the pointer is never null
        int length = Encoding.UTF8.GetBytes(text, utf8);
        int[] tokens = new int[length + 2];
        int count = Call(tokens);
        if (count < 0)
        {
            tokens = count == int.MinValue
                ? throw new NativeCallException("llama_tokenize", $"a text of {length} bytes is too long")
                : new int[-count];
            count = Call(tokens);
        }

        return tokens[..count];

        int Call(int[] target)
        {
            using ModelHandle.Hold hold = _model.KeepAlive();
            fixed (byte* source = utf8)
            fixed (int* ids = target)
            {
                Interlocked.Increment(ref s_tokenizing);
                try
                {
                    return LlamaNative.llama_tokenize(_vocab, source, length, ids, target.Length, false, parseSpecial);
                }
                finally
                {
                    Interlocked.Decrement(ref s_tokenizing);
                }
            }
        }
    }

    /// <inheritdoc/>
    public byte[] Piece(int id, bool special)
    {
        Check(id);
        byte[] piece = new byte[32];
        int length = Call(piece);
        if (length < 0)
        {
            piece = new byte[-length];
            length = Call(piece);
        }

        return piece[..length];

        int Call(byte[] target)
        {
            using ModelHandle.Hold hold = _model.KeepAlive();
            fixed (byte* buffer = target)
            {
                return LlamaNative.llama_token_to_piece(_vocab, id, buffer, target.Length, 0, special);
            }
        }
    }

    /// <inheritdoc/>
    public string Detokenize(ReadOnlySpan<int> ids, bool special)
    {
        if (ids.IsEmpty)
        {
            return "";
        }

        foreach (int id in ids)
        {
            Check(id, nameof(ids));
        }

        byte[] text = new byte[ids.Length * 8];
        int length = Call(ids, text);
        if (length < 0)
        {
            text = new byte[-length];
            length = Call(ids, text);
        }

        return Encoding.UTF8.GetString(text, 0, length);

        int Call(ReadOnlySpan<int> source, byte[] target)
        {
            using ModelHandle.Hold hold = _model.KeepAlive();
            fixed (int* tokens = source)
            fixed (byte* buffer = target)
            {
                return LlamaNative.llama_detokenize(_vocab, tokens, source.Length, buffer, target.Length, false, special);
            }
        }
    }

    private bool Use(int id, Func<nint, int, NativeBool> question)
    {
        Check(id);
        using ModelHandle.Hold hold = _model.KeepAlive();
        return question(_vocab, id);
    }

    private void Check(int id, string parameter = "id")
    {
        if ((uint)id >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(parameter, id, $"The vocabulary has tokens 0 to {Count - 1}.");
        }
    }
}
