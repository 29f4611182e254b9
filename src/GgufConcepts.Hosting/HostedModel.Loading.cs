using GgufConcepts.Hosting.Running;

namespace GgufConcepts.Hosting;

/// <content>Loads its model, unloads it, and loads it again where its process was lost.</content>
internal sealed partial class HostedModel
{
    private void Load(string path, CancellationToken cancellation)
    {
        _runner = _slot.Load(progress => _loader.Load(path, progress, cancellation));
        _slot.Open();
        Loaded(Name, _runner.Info.Path, _settings.Parallel);
    }

    /// <summary>Loads while the host runs already. A file that cannot be used stops it; one that ends its process does
    /// not, for other models may run beside it: it is tried until it is loaded, or counts as bad.</summary>
    private void LoadFirst()
    {
        string path = _loader.FindFile();
        try
        {
            Load(path, _queue.Closing);
        }
        catch (ModelWorkerException problem)
        {
            LoseLoad(problem, path);
            for (int again = 0; again < CrashRecord.Most && _crashes.InARow > 0 && State != ModelState.Failed && !TryLoad(); again++)
            {
                // it has said why
            }
        }

        _isTried = false;
    }

    /// <summary>Loads for the requests that wait; what keeps the model from being loaded is their answer, and the next
    /// request tries again.</summary>
    private bool TryLoad()
    {
        string? path = null;
        try
        {
            path = _loader.FindFile();
            if (_crashes.IsBad(path))
            {
                RefuseBad();
                return false;
            }

            if (_queue.Closing.WaitHandle.WaitOne(_crashes.BackOff))
            {
                throw Stopping();
            }

            Load(path, _queue.Closing);
            return true;
        }
        catch (ModelWorkerException problem)
        {
            LoseLoad(problem, path!);
            return false;
        }
        catch (Exception problem) when (!_queue.IsClosed && problem is not OutOfMemoryException)
        {
            RefuseNow(problem);
            return false;
        }
    }

    /// <summary>The process ended, or never began, before the model was loaded.</summary>
    private void LoseLoad(ModelWorkerException problem, string path)
    {
        if (!problem.NeverBegan)
        {
            _crashes.Add(path, hadWorked: false);
        }

        RefuseNow(problem);
    }

    private void RefuseNow(Exception problem)
    {
        NotLoaded(Name, problem);
        _slot.TakeOut(); // unloaded, as it was: the next request tries again
        _queue.RefuseWaiting(new ModelNotLoadedException(Name, problem));
    }

    /// <summary>Its process has ended too often for another try.</summary>
    private void RefuseBad()
    {
        ModelNotLoadedException problem = new(
            $"The process of the model {Name} ended again and again; it is not tried again until its file changes.");
        if (State != ModelState.Failed)
        {
            Lost(Name, problem.Message);
            _slot.Fail(problem);
        }

        _queue.RefuseWaiting(problem);
    }

    /// <summary>The model's process is gone: so is what it was asked. It is started again at once, for whoever comes
    /// next.</summary>
    private void Lose(ModelWorkerException problem)
    {
        Lost(Name, problem.Message);
        _crashes.Add(_runner!.Info.Path, _runner.HasWorked);
        _isTried = _settings is { UnloadAfter: null } && !_queue.IsClosed;
        _slot.TakeOut();
        _runner.Dispose();
        _runner = null;
        _queue.Abandon(() => new ModelWorkerException(problem.Message));
        if (_isTried)
        {
            TryLoad();
            _isTried = false;
        }
    }

    private void Unload()
    {
        if (_slot.TryTakeOut() is not null)
        {
            _runner!.Dispose();
            _runner = null;
            Unloaded(Name);
        }
    }
}
