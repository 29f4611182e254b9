using GgufConcepts.Hosting.Running;
using GgufConcepts.Models;

namespace GgufConcepts.Hosting;

/// <summary>The place of a model that may be unloaded and loaded again: who looks into it meanwhile keeps it there. Any
/// thread.</summary>
/// <param name="name">The model's name in messages.</param>
internal sealed class ModelSlot(string name) : IDisposable
{
    private readonly Lock _gate = new();
    private IModelRunner? _runner;
    private int _holders;
    private bool _isDisposed;

    /// <summary>How far it is.</summary>
    public ModelState State { get; private set; } = ModelState.Unloaded;

    /// <summary>The part of the file that is loaded, 0 to 1.</summary>
    public double LoadedFraction { get; private set; }

    /// <summary>What keeps the model from working; null where nothing does.</summary>
    public Exception? Problem { get; private set; }

    /// <summary>What the model is, or was when it was last loaded; null before it ever was.</summary>
    public ModelInfo? Info { get; private set; }

    /// <summary>The model at work.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded now.</exception>
    public IModelRunner Require() =>
        _runner is { } runner && State == ModelState.Ready
            ? runner
            : throw new InvalidOperationException($"{name} is not loaded now; start the host, or ask it something first.");

    /// <summary>Loads a model, which nobody sees before <see cref="Open"/>.</summary>
    public IModelRunner Load(Func<IProgress<float>, IModelRunner> load)
    {
        (State, LoadedFraction) = (ModelState.Loading, 0);
        try
        {
            IModelRunner runner = Keep(load(new Progress(this)));
            Info = runner.Info;
            return runner;
        }
        catch
        {
            State = ModelState.Unloaded; // whether it is to be tried again is the caller's to say
            throw;
        }
    }

    /// <summary>The model is ready.</summary>
    public void Open() => (LoadedFraction, Problem, State) = (1, null, ModelState.Ready);

    /// <summary>Something keeps the model from working.</summary>
    public void Fail(Exception problem) => (Problem, State) = (problem, ModelState.Failed);

    /// <summary>Keeps the model from being unloaded.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded now.</exception>
    public IDisposable Hold()
    {
        lock (_gate)
        {
            Require();
            _holders++;
            return new Holder(this);
        }
    }

    /// <summary>Takes the model out, to be disposed; null where somebody holds it.</summary>
    public IModelRunner? TryTakeOut()
    {
        lock (_gate)
        {
            return _holders > 0 ? null : TakeOut();
        }
    }

    /// <summary>Takes the model out, whoever holds it.</summary>
    public IModelRunner? TakeOut()
    {
        lock (_gate)
        {
            IModelRunner? runner = _runner;
            (_runner, State, LoadedFraction, Problem) = (null, ModelState.Unloaded, 0, null);
            return runner;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        _runner?.Dispose();
    }

    /// <summary>Has <see cref="Dispose"/> dispose of it, however soon that comes.</summary>
    private IModelRunner Keep(IModelRunner runner)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                return _runner = runner;
            }
        }

        runner.Dispose();
        throw new OperationCanceledException($"{name} is being stopped.");
    }

    private sealed class Progress(ModelSlot slot) : IProgress<float>
    {
        public void Report(float value) => slot.LoadedFraction = value;
    }

    private sealed class Holder(ModelSlot slot) : IDisposable
    {
        private ModelSlot? _slot = slot;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _slot, null) is { } held)
            {
                lock (held._gate)
                {
                    held._holders--;
                }
            }
        }
    }
}
