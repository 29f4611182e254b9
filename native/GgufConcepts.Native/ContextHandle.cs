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
        context.UseThreads(parameters.n_threads);
        return context;
    }

    /// <summary>Has the next decodes computed by so many threads, at most as many as there were at the beginning.</summary>
    public void UseThreads(int count)
    {
        nint pool = count > 1 ? _threads : 0; // those of a pool that have nothing to do would spin
        LlamaNative.llama_set_n_threads(this, count, count);
        LlamaNative.llama_attach_threadpool(this, pool, pool);
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_free(handle); // child first,
        Threadpool.Stop(_threads);
        _model?.DangerousRelease();     // then the parent may go
        return true;
    }
}
