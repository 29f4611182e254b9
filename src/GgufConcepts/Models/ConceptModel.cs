using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Native;
using GgufConcepts.Stores;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Models;

/// <summary>A GGUF model that can think in vectors. Loaded once, never changes; any thread may use it.</summary>
/// <remarks>What changes lives in a <see cref="ConceptSession"/>. Sessions keep the model alive: its memory goes when
/// both the model and the last session are disposed.</remarks>
public sealed class ConceptModel : IDisposable
{
    private static readonly Lazy<Task> s_kernels = new(() => Task.Run(ConceptMixer.WarmUp));

    private readonly GgufModelFile _file;
    private readonly IModelWeights _weights;
    private readonly ModelOptions _options;
    private readonly Lazy<Parity> _parity;
    private readonly Lazy<IRealignment> _realignment;
    private readonly bool _exactAttention;
    private int _holders = 1; // the model itself
    private int _disposed;

    private ConceptModel(
        GgufModelFile file, IModelWeights weights, EmbeddingTable embeddings, ModelInfo info, ModelOptions options)
    {
        _file = file;
        _weights = weights;
        _options = options;
        _exactAttention = file.IsFloat32; // as exact as the weights are
        Tokenizer = new Tokenizer(weights.Vocabulary);
        Embeddings = embeddings;
        Info = info;
        _parity = new Lazy<Parity>(ProbeParity, LazyThreadSafetyMode.PublicationOnly); // a failure is not for life
        _realignment = new Lazy<IRealignment>(Realign, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>What it is.</summary>
    public ModelInfo Info { get; }

    /// <summary>Text to tokens and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The rows of <c>token_embd.weight</c>.</summary>
    public EmbeddingTable Embeddings { get; }

    /// <summary>The file it was loaded from, open as long as the model is.</summary>
    internal GgufModelFile ModelFile => _file;

    /// <summary>Threads that a session computes with.</summary>
    internal int ComputeThreads => _options.Threads ?? Decoding.ComputeThreads.DefaultFor(_weights.SizeBytes);

    /// <summary>The weights, as its backend has them.</summary>
    internal IModelWeights Weights => _weights;

    /// <summary>What lies on graphics cards, and why; null where there are none or none were wanted.</summary>
    public GpuPlan? Gpu => _weights.Gpu;

    /// <summary>Whether no layer is on a graphics card.</summary>
    internal bool ComputesOnProcessor => Gpu is null or { Layers: 0 };

    /// <summary>The settings its file carries. To be read while the model is open.</summary>
    public GgufMetadata Metadata => _file.Metadata;

    /// <summary>Bytes that the keys and values of one position take in all layers together, from the sizes in the file.</summary>
    public long CacheBytesPerPosition => GpuFootprint.CacheBytesPerPosition(_file);

    /// <summary>Whether a vector can stand for a token: probed on first use, before the first vector is fed.</summary>
    /// <exception cref="NonFiniteLogitsException">The model yields NaN: its file is damaged.</exception>
    public Parity Parity => _parity.Value;

    /// <summary>Loads a model.</summary>
    /// <param name="model">A GGUF file (of a split set, any), or any other <see cref="ModelReference"/>: an alias such as
    /// <c>atlas</c>, <c>hf:org/repo:Q4_K_M</c>, <c>ollama:name</c>. Looked for on this machine; nothing is downloaded.</param>
    /// <param name="options">Context, graphics card, threads.</param>
    /// <param name="progress">Told the fraction loaded, 0 to 1.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <exception cref="ConceptInputException">The file is missing, damaged or no model, a token yields logits that are not
    /// finite, or an option is out of range.</exception>
    /// <exception cref="LlamaLibraryException">llama.cpp is missing or of an unknown version.</exception>
    public static Task<ConceptModel> LoadAsync(
        string model,
        ModelOptions? options = null,
        IProgress<float>? progress = null,
        CancellationToken cancellation = default) =>
        Task.Run(() => Load(model, options, progress, cancellation), cancellation);

    /// <summary>Loads a model on the calling thread; as <see cref="LoadAsync"/> otherwise.</summary>
    public static ConceptModel Load(
        string model,
        ModelOptions? options = null,
        IProgress<float>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ModelOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        _ = s_kernels.Value; // while llama.cpp loads
        string path = File.Exists(model) ? model : ModelFinder.OfThisMachine().Find(model).Path;
        GgufModelFile file = GgufModelFile.Open(path);
        IModelWeights? weights = null;
        try
        {
            EmbeddingTable embeddings = new(file); // a vocabulary without weights ends here
            GgufModelCheck.Run(file);
            file.Metadata.TryGetString("general.architecture", out string architecture);
            weights = (options.Backend ?? LlamaBackend.Instance).Load(file, options, progress, cancellation);
            bool readsBothWays = architecture == "gemma-embedding" // which need not say so
                || (file.Metadata.TryGetBool($"{architecture}.attention.causal", out bool causal) && !causal);
            if (!weights.IsDecoderOnly || readsBothWays)
            {
                throw new ConceptInputException(
                    $"{path}: {architecture} is no decoder-only language model; use one that generates text.");
            }

            ConceptModel loaded = new(file, weights, embeddings, Describe(file, weights, architecture, options), options);
            using IDecoder decoder = loaded.CreateDecoder(FirstTokens.DecoderOptions(weights.TrainedContext));
            FirstTokens.Check(decoder, path, cancellation);
            return loaded;
        }
        catch
        {
            weights?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a session: sequences of its own for a writer and a reader.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public ConceptSession CreateSession() => new(this);

    /// <summary>Opens a batch: sequences for several thoughts side by side, one decode a step for all of them.</summary>
    /// <param name="size">Thoughts that run at once; 1 to <see cref="ConceptBatch.Largest"/>, and no more than the context
    /// is long.</param>
    /// <param name="rows">Rows that all of them can hold together, those of a shared prompt counted once; at least one
    /// context, null for two. A reading has one context more.</param>
    /// <exception cref="ConceptInputException">A number is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public ConceptBatch CreateBatch(int size, int? rows = null) => new(this, size, rows);

    /// <summary>Thinks about a prompt, in a session made for it.</summary>
    /// <param name="prompt">The text to continue.</param>
    /// <param name="options">Strategy, limits, reader, answer.</param>
    /// <param name="cancellation">Stops within a step.</param>
    /// <exception cref="ConceptInputException">The prompt does not fit or an option is out of range.</exception>
    public async IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt,
        ThinkOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using ConceptSession session = CreateSession();
        using IEnumerator<ThoughtEvent> events = session.Think(prompt, options, cancellation).GetEnumerator();
        while (await Task.Run(events.MoveNext, CancellationToken.None).ConfigureAwait(false))
        {
            yield return events.Current;
        }
    }

    /// <summary>Frees the model once no session uses it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }

    /// <summary>Whether vectors may be fed; else says why not.</summary>
    /// <exception cref="ConceptInputException">The probe failed and approximation is not allowed.</exception>
    internal float RequireVectors()
    {
        bool canApproximate = Parity.Verdict == ParityVerdict.Broken;
        return Parity.Holds || (canApproximate && _options.AllowApproximate)
            ? Parity.InputScale
            : throw new ConceptInputException(
                $"{Info.Name} ({Info.Architecture}) cannot think in vectors: {Parity.Describe()}. " +
                $"Use the strategy 'token'{(canApproximate ? ", or on the command line --allow-approximate to see what happens" : "")}.") { Field = "strategy" };
    }

    /// <summary>What makes vectors for one caller.</summary>
    /// <exception cref="ConceptInputException">The probe failed and approximation is not allowed.</exception>
    internal InputEmbeddings CreateEmbeddings() => new(Embeddings, RequireVectors(), _realignment);

    /// <summary>What a strategy may know of this model.</summary>
    internal StrategyContext DescribeTo(DecoderInfo decoder, ulong seed) =>
        new(decoder.VocabularySize, decoder.VectorWidth, decoder.HiddenWidth, Tokenizer.NeverMixed, seed);

    /// <summary>Makes a decoder and holds the model for its user, who must <see cref="Release"/> it.</summary>
    internal IDecoder Hold(int sequences, int totalLength, bool captureLayers = false)
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders == 0 || _disposed != 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);

        try
        {
            return CreateDecoder(new DecoderOptions
            {
                ContextLength = Info.ContextLength,
                Sequences = sequences,
                TotalLength = totalLength,
                CaptureLayers = captureLayers,
            });
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>The same, for what only the llama.cpp of the runtime shows.</summary>
    /// <exception cref="ConceptInputException">The model was loaded by another backend.</exception>
    internal LlamaDecoder HoldLlama(string purpose, int sequences, int totalLength, bool captureLayers = false) =>
        _weights is LlamaWeights
            ? (LlamaDecoder)Hold(sequences, totalLength, captureLayers)
            : throw new ConceptInputException($"{purpose} shows what no backend but llama.cpp does; leave --backend out.");

    /// <summary>Makes a decoder that computes as all of this model's do.</summary>
    private IDecoder CreateDecoder(DecoderOptions options)
    {
        try
        {
            return _weights.CreateDecoder(options with { Threads = ComputeThreads, ExactAttention = _exactAttention });
        }
        catch (NativeCallException problem) when (Gpu is { Layers: > 0 })
        {
            throw new ConceptInputException(
                $"{Info.Name}: no room for a session of {options.ContextLength} positions beside {Gpu.Layers} layers on the card " +
                $"({problem.NativeMessage ?? problem.Message}); put fewer layers there, or shorten the context.", problem);
        }
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _weights.Dispose();
            _file.Dispose();
        }
    }

    private IRealignment Realign()
    {
        GgufTensor input = _file.Find("token_embd.weight")!; // or there would be no Embeddings
        return _file.Find("output.weight") is { } output
            ? RidgeMapCache.GetOrCompute(input, output, RidgeMapCache.Folder)
            : new SameTable();
    }

    private Parity ProbeParity()
    {
        using IDecoder decoder = CreateDecoder(ParityProbe.DecoderOptions(Info.TrainedContext));
        Metadata.TryGetFloat($"{Info.Architecture}.embedding_scale", out double declared);
        return ParityProbe.Run(decoder, Tokenizer, Embeddings, (float)declared);
    }

    private static ModelInfo Describe(GgufModelFile file, IModelWeights weights, string architecture, ModelOptions options)
    {
        int trained = weights.TrainedContext;
        if (options.ContextLength > trained)
        {
            throw new ConceptInputException(
                $"The context is {options.ContextLength}, but {Path.GetFileName(file.Paths[0])} was trained on {trained} " +
                $"positions; use at most {trained}.");
        }

        return new ModelInfo(
            file.Metadata.TryGetString("general.name", out string name) && name.Trim().Length > 0
                ? name.Trim()
                : Path.GetFileNameWithoutExtension(file.Paths[0]),
            file.Paths[0],
            architecture,
            weights.Description,
            weights.EmbeddingWidth,
            weights.Vocabulary.Count,
            weights.LayerCount,
            trained,
            options.ContextLength ?? Math.Min(trained, ModelOptions.UsualContext),
            weights.ParameterCount,
            weights.SizeBytes);
    }
}
