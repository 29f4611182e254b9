using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>Owns a <c>llama_model</c>.</summary>
internal sealed class ModelHandle : SafeHandle
{
    public ModelHandle()
        : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Keeps the model from being freed while a pointer into it is in use. Throws if it is closed
    /// already.</summary>
    public Hold KeepAlive() => new(this);

    protected override bool ReleaseHandle()
    {
        LlamaNative.llama_model_free(handle);
        return true;
    }

    /// <summary>A hold on a model, to be disposed in the method that took it.</summary>
    public readonly ref struct Hold
    {
        private readonly ModelHandle _model;

        public Hold(ModelHandle model)
        {
            bool held = false;
            model.DangerousAddRef(ref held);
            _model = model;
        }

        public void Dispose() => _model.DangerousRelease();
    }
}
