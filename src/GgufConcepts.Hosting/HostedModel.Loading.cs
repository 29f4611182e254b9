using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Models;
using GgufConcepts.Stores;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting;

/// <content>Loads its model, unloads it, and loads it again where its process was lost.</content>
internal sealed partial class HostedModel
{
    private void Load(CancellationToken cancellation)
    {
        _runner = _slot.Load(progress => Start(progress, cancellation));
        _slot.Open();
        Loaded(Name, _runner.Info.Path, _settings.Parallel);
    }

    private IModelRunner Start(IProgress<float> progress, CancellationToken cancellation)
    {
        ModelOptions options = _settings.ToOptions();
        if (_settings.Isolation == ModelIsolation.InProcess)
        {
            return LocalRunner.Load(_settings.Model, _settings.Parallel, _settings.Rows, options, progress, cancellation);
        }

        if (options.Backend is not null)
        {
            throw new ConceptInputException(
                $"{Name} has a backend of its own, which runs in this process alone; set {nameof(HostedModelSettings.Isolation)} " +
                $"to {ModelIsolation.InProcess}.");
        }

        return WorkerRunner.Load(
            Name,
            RunnerSettings.Of(FindFile(), _settings.Parallel, _settings.Rows, options),
            new WorkerLimits(_settings.LoadLimit, _settings.StallLimit, _settings.Deadline, _settings.MemoryLimit),
            progress,
            line => WorkerSays(Name, line),
            _logger.IsEnabled(LogLevel.Debug),
            cancellation);
    }

    private string FindFile() => File.Exists(_settings.Model)
        ? Path.GetFullPath(_settings.Model)
        : ModelFinder.OfThisMachine().Find(_settings.Model).Path;

    /// <summary>Loads while the host runs already. A file that cannot be used stops it; one that ends its process does
    /// not, for other models may run beside it.</summary>
    private void LoadFirst()
    {
        try
        {
            Load(_queue.Closing);
        }
        catch (ModelWorkerException problem)
        {
            Count(problem, FindFile());
            NotLoaded(problem);
            for (int again = 0; again < CrashRecord.Most && _crashes.InARow > 0 && State != ModelState.Failed && !TryLoad(); again++)
            {
                // until it is loaded, or not to be tried again
            }
        }
    }

    /// <summary>Loads for the requests that wait; what keeps the model from being loaded is their answer, and the next
    /// request tries again.</summary>
    private bool TryLoad()
    {
        string? path = null;
        try
        {
            path = FindFile();
            if (_crashes.IsBad(path))
            {
                RefuseBad();
                return false;
            }

            if (_queue.Closing.WaitHandle.WaitOne(_crashes.BackOff))
            {
                throw Stopping();
            }

            Load(_queue.Closing);
            return true;
        }
        catch (ModelWorkerException problem)
        {
            Count(problem, path!);
            return NotLoaded(problem);
        }
        catch (Exception problem) when (!_queue.IsClosed && problem is not OutOfMemoryException)
        {
            return NotLoaded(problem);
        }
    }

    private void Count(ModelWorkerException problem, string path)
    {
        if (!problem.NeverBegan)
        {
            _crashes.Add(path, hadWorked: false);
        }
    }

    private bool NotLoaded(Exception problem)
    {
        NotLoaded(Name, problem);
        _slot.TakeOut(); // unloaded, as it was: the next request tries again
        _queue.RefuseWaiting(new ModelNotLoadedException(Name, problem));
        return false;
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
        _slot.TakeOut();
        _runner.Dispose();
        _runner = null;
        _queue.Abandon(() => new ModelWorkerException(problem.Message));
        if (_settings is { UnloadAfter: null } && !_queue.IsClosed)
        {
            TryLoad();
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
