using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Thinking;

namespace GgufConcepts.Models;

/// <summary>The llama.cpp that comes with the runtime.</summary>
internal sealed class LlamaBackend : IModelBackend
{
    public static LlamaBackend Instance { get; } = new();

    /// <remarks>Where the plan was ours and does not work out, with fewer and fewer layers on the cards.</remarks>
    public IModelWeights Load(
        GgufModelFile file, ModelOptions options, IProgress<float>? progress, CancellationToken cancellation)
    {
        LlamaLibrary.EnsureLoaded();
        int context = ContextOf(file, options);
        GpuPlan? plan = GpuPlan.Make(GpuFootprint.Of(file, context), options, LlamaLibrary.Devices());
        while (true)
        {
            try
            {
                string[] devices = [.. plan?.Devices.Select(device => device.Name) ?? []];
                LlamaModelSettings settings = new(plan?.Layers ?? 0, devices, options.SplitMode, options.CheckTensors ?? false);
                Action<float>? report = progress is null ? null : progress.Report;
                LlamaModel model = LlamaModel.Load(file.Paths, settings, report, cancellation);
                if (options.GpuLayers is null && plan is { Layers: > 0 })
                {
                    TryASession(model, Math.Min(context, model.TrainedContext), file.IsFloat32);
                }

                return new LlamaWeights(model, plan);
            }
            catch (NativeCallException problem)
                when (options.GpuLayers is null && IsLackOfMemory(problem)
                    && plan?.Next(problem.NativeMessage ?? problem.Message) is { } next)
            {
                plan = next;
            }
            catch (NativeCallException problem)
            {
                throw new ConceptInputException(
                    $"{file.Paths[0]}: llama.cpp {LlamaLibrary.EnsureLoaded().Version} does not accept this model: " +
                    $"{problem.NativeMessage ?? problem.Message} Use another file of it, or another model" +
                    (plan is { Layers: > 0 } ? $", or fewer layers on the card than {plan.Layers}." : "."), problem);
            }
        }
    }

    // "failed to allocate Vulkan0 buffer", "cudaMalloc failed: out of memory": with fewer layers it may work out.
    private static bool IsLackOfMemory(NativeCallException problem) =>
        problem.Function == "llama_init_from_model"
        || problem.Message.Contains("alloc", StringComparison.OrdinalIgnoreCase)
        || problem.Message.Contains("memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes what a session needs and lets it go: a card may have room for the weights and for nothing else.</summary>
    /// <exception cref="NativeCallException">It has not; the model is disposed.</exception>
    private static void TryASession(LlamaModel model, int context, bool exact)
    {
        try
        {
            using LlamaDecoder decoder = new(model, new DecoderOptions
            {
                ContextLength = context,
                Sequences = Sequences.Count,
                TotalLength = Sequences.TotalLength(context),
                ExactAttention = exact,
            });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static int ContextOf(GgufModelFile file, ModelOptions options)
    {
        file.Metadata.TryGetString("general.architecture", out string architecture);
        return options.ContextLength ?? (file.Metadata.TryGetInteger($"{architecture}.context_length", out int trained)
            ? Math.Min(trained, ModelOptions.UsualContext)
            : ModelOptions.UsualContext);
    }
}

/// <summary>Weights in that llama.cpp.</summary>
internal sealed class LlamaWeights(LlamaModel model, GpuPlan? gpu) : IModelWeights
{
    public IVocabulary Vocabulary => model.Vocabulary;

    public int EmbeddingWidth => model.EmbeddingWidth;

    public int LayerCount => model.LayerCount;

    public int TrainedContext => model.TrainedContext;

    public bool IsDecoderOnly => model is { HasDecoder: true, HasEncoder: false };

    public long ParameterCount => model.ParameterCount;

    public long SizeBytes => model.SizeBytes;

    public string Description => model.Description;

    public GpuPlan? Gpu => gpu;

    public IReadOnlyList<string> ChatTemplates => LlamaChat.Names;

    public string? ApplyChatTemplate(string template, IReadOnlyList<(string Role, string Content)> messages) =>
        LlamaChat.Apply(template, messages, addAssistant: true);

    public IDecoder CreateDecoder(DecoderOptions options) => new LlamaDecoder(model, options);

    public void Dispose() => model.Dispose();
}
