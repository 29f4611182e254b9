using System.Text;
using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using LLama;
using LLama.Exceptions;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>Weights that LLamaSharp has loaded.</summary>
/// <remarks>LLamaSharp reads no outputs of a context whose weights are disposed, so decoders hold them.</remarks>
internal sealed class LLamaSharpWeights : IModelWeights
{
    private const int MultiplePositions = 8; // of GGML_ROPE_TYPE_MROPE, in the types that build on it

    private readonly bool _owned;
    private int _holders = 1;
    private int _disposed;

    private LLamaSharpWeights(SafeLlamaModelHandle model, string architecture, bool owned)
    {
        Architecture = architecture;
        Handle = model;
        _owned = owned;
        Vocabulary = new LLamaSharpVocabulary(model);
    }

    public IVocabulary Vocabulary { get; }

    public int EmbeddingWidth => Handle.EmbeddingSize;

    public int LayerCount => Handle.LayerCount;

    public int TrainedContext => Handle.ContextSize;

    public bool IsDecoderOnly => Handle is { HasDecoder: true, HasEncoder: false };

    public long ParameterCount => (long)Handle.ParameterCount;

    public long SizeBytes => (long)Handle.SizeInBytes;

    public string Description => Handle.Description;

    public GpuPlan? Gpu => null; // LLamaSharp does not say what lies where

    public IReadOnlyList<string> ChatTemplates => LLamaSharpLibrary.ChatTemplates();

    /// <summary>What the file calls it.</summary>
    internal string Architecture { get; }

    /// <summary>LLamaSharp's handle of the weights.</summary>
    internal SafeLlamaModelHandle Handle { get; }

    /// <summary>Takes weights over.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="file">The file they came from.</param>
    /// <param name="owned">Whether to dispose them at the end; then also where they are refused.</param>
    /// <exception cref="ConceptInputException">LLamaSharp cannot feed vectors to such a model, or the file is of
    /// another.</exception>
    public static LLamaSharpWeights Over(SafeLlamaModelHandle model, GgufModelFile file, bool owned)
    {
        try
        {
            file.Metadata.TryGetString("general.architecture", out string architecture);
            return FindProblem(model, file) is { } problem
                ? throw new ConceptInputException($"{file.Paths[0]}: {problem}")
                : new LLamaSharpWeights(model, architecture, owned);
        }
        catch when (owned)
        {
            model.Dispose();
            throw;
        }
    }

    public string? ApplyChatTemplate(string template, IReadOnlyList<(string Role, string Content)> messages)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Any(message => !IsText(message.Role) || !IsText(message.Content)))
        {
            throw new ArgumentException("A message lacks its role or content, or has a NUL in it.", nameof(messages));
        }

        LLamaTemplate chat = new(template) { AddAssistant = true };
        foreach ((string role, string content) in messages)
        {
            chat.Add(role, content);
        }

        try
        {
            return Encoding.UTF8.GetString(chat.Apply());
        }
        catch (MissingTemplateException)
        {
            return null;
        }
    }

    public IDecoder CreateDecoder(DecoderOptions options) => new LLamaSharpDecoder(this, options);

    /// <summary>Keeps the weights until <see cref="Release"/>.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public void Hold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders == 0 || _disposed != 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && _owned)
        {
            Handle.Dispose();
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }

    private static bool IsText(string? text) => text?.Contains('\0') == false;

    private static string? FindProblem(SafeLlamaModelHandle model, GgufModelFile file)
    {
        long[] table = [.. file.Find("token_embd.weight")!.Dimensions]; // or it would have been refused before
        return table[0] != model.EmbeddingSize || table[1] != model.Vocab.Count
            ? $"its embeddings are {table[1]} rows of {table[0]}, the weights have {model.Vocab.Count} of " +
                $"{model.EmbeddingSize}; name the file that the weights were loaded from"
            : (int)model.RopeType > 0 && ((int)model.RopeType & MultiplePositions) != 0 // none is -1
            ? "its tokens have several positions each (M-RoPE), which LLamaSharp cannot give to a vector; use the runtime's own " +
                "llama.cpp"
            : LLamaSharpLibrary.InputWidth(model) != model.EmbeddingSize || LLamaSharpLibrary.HiddenWidth(model) != model.EmbeddingSize
            ? $"it takes vectors of {LLamaSharpLibrary.InputWidth(model)} and gives states of " +
                $"{LLamaSharpLibrary.HiddenWidth(model)}, where LLamaSharp knows of {model.EmbeddingSize} alone; use the runtime's " +
                "own llama.cpp"
            : null;
    }
}
