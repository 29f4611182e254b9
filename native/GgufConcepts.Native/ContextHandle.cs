using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>Owns a <c>llama_context</c> and its threads, and keeps its model alive.</summary>
internal sealed class ContextHandle : SafeHandle
{
    private ModelHandle? _model;
    private nint _threads;

    public ContextHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    public static ContextHandle Create(ModelHandle model, LlamaContextParams parameters)
    {
        bool held = false;
        model.DangerousAddRef(ref held); // throws if the model is already closed

        ContextHandle context = LlamaNative.llama_init_from_model(model, parameters);
        if (context.IsInvalid) // never null: the marshaller always makes an object
        {
            model.DangerousRelease(); // ReleaseHandle does not run for an invalid handle
            throw new NativeCallException(
                "llama_init_from_model",
                $"n_ctx = {parameters.n_ctx}, n_batch = {parameters.n_batch}, n_seq_max = {parameters.n_seq_max}");
        }

        context._model = model;
        context._threads = Threadpool.Start(parameters.n_threads);
        LlamaNative.llama_attach_threadpool(context, context._threads, 0); // 0: the same ones for prompts
        return context;
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_free(handle); // child first,
        Threadpool.Stop(_threads);
        _model?.DangerousRelease();     // then the parent may go
        return true;
    }
}
