using System.Runtime.CompilerServices;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>The only one to compute with its model while the host runs: takes the requests off its queue.</summary>
internal sealed partial class HostedModel : BackgroundService, IConceptService
{
    private const long UsualCacheBytes = 512L << 20;

    private readonly HostedModelSettings _settings;
    private readonly TimeSpan _drainLimit;
    private readonly ILogger _logger;
    private readonly ConceptInstruments _instruments;
    private readonly JobQueue _queue;
    private readonly ModelSlot _slot;
    private readonly CancellationTokenSource _abandon = new();
    private readonly CancellationTokenRegistration _stopping;
    private ConceptBatch? _batch; // the worker's alone, but for the first

    public HostedModel(
        string name,
        IOptionsMonitor<HostedModelSettings> settings,
        IOptions<HostedConceptSettings> host,
        IHostApplicationLifetime life,
        ConceptInstruments instruments,
        ILogger<HostedModel> logger)
    {
        Name = name;
        _settings = settings.Get(name);
        _drainLimit = host.Value.DrainLimit;
        _logger = logger;
        _instruments = instruments;
        _queue = new JobQueue(_settings.QueueLength, _settings.UnloadAfter);
        _slot = new ModelSlot(name);
        instruments.Watch(this);
        _stopping = life.ApplicationStopping.Register(Drain); // a web server stops only once its requests are answered
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ModelState State => _slot.State;

    /// <inheritdoc/>
    public double LoadedFraction => _slot.LoadedFraction;

    /// <inheritdoc/>
    public ModelInfo? Info => _slot.Info;

    /// <inheritdoc/>
    public Exception? Problem => _slot.Problem;

    /// <inheritdoc/>
    public ConceptModel Model => _slot.Require();

    /// <inheritdoc/>
    public int Waiting => _queue.Waiting;

    /// <inheritdoc/>
    public int Running => _queue.Running;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt, ThinkOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        RequestTelemetry telemetry = new(_instruments, _logger, Name, options);
        using ThoughtJob job = new(prompt, options, _settings.Deadline, telemetry, cancellation);
        if (!_queue.TryAdd(job))
        {
            Exception refusal = _queue.IsClosed
                ? Stopping()
                : new ConceptQueueFullException(Name, _settings.QueueLength);
            job.Refuse(refusal);
            throw refusal;
        }

        await foreach (ThoughtEvent happened in job.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return happened;
        }
    }

    /// <inheritdoc/>
    public IDisposable Hold() => _slot.Hold();

    /// <inheritdoc/>
    /// <remarks>With <see cref="ModelLoading.BeforeStart"/> a bad file fails the start.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_settings.Loading == ModelLoading.BeforeStart)
        {
            await Task.Run(() => Load(cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        Drain();
        if (ExecuteTask is { } running)
        {
            await Task.WhenAny(running, Task.Delay(_drainLimit, cancellationToken)).ConfigureAwait(false);
        }

        await _abandon.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        _abandon.Cancel(); // a host that is disposed without being stopped
        _batch?.Dispose();
        _slot.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Refuses what waits and what comes; what runs has until the limit.</summary>
    private void Drain()
    {
        if (!_queue.IsClosed)
        {
            _abandon.CancelAfter(State == ModelState.Loading ? TimeSpan.Zero : _drainLimit); // nothing runs while it loads
        }

        _queue.Close(Stopping());
    }

    private void Run()
    {
        try
        {
            if (_settings.Loading == ModelLoading.InBackground)
            {
                Load(_abandon.Token);
            }

            while (_batch is not null || _queue.WaitForever(_abandon.Token))
            {
                if (_batch is null && !TryLoad())
                {
                    continue;
                }

                _queue.Begin();
                foreach (BatchEvent told in _batch!.Think(_queue, _abandon.Token))
                {
                    _queue.Tell(told);
                }

                if (_queue.IsClosed)
                {
                    return;
                }

                if (!_queue.HasNext)
                {
                    Unload();
                }
            }
        }
        catch (Exception problem)
            when (_abandon.IsCancellationRequested && problem is OperationCanceledException or ObjectDisposedException)
        {
            _queue.Abandon(Stopping());
        }
        catch (Exception problem)
        {
            Environment.ExitCode = 1; // the host stops over this, and would say 0
            Failed(Name, problem.Message, problem is ConceptInputException ? null : problem);
            _slot.Fail(problem);
            _queue.Close(problem);
            _queue.Abandon(problem);
            throw;
        }
    }

    private void Load(CancellationToken cancellation)
    {
        ModelOptions options = _settings.ToOptions();
        ConceptModel model = _slot.Load(progress => ConceptModel.Load(_settings.Model, options, progress, cancellation));
        try
        {
            _batch = model.CreateBatch(_settings.Parallel, _settings.Rows ?? UsualRows(model));
        }
        catch (Exception problem)
        {
            _slot.TryTakeOut()?.Dispose();
            _slot.Fail(problem);
            throw;
        }

        _slot.Open();
        Loaded(Name, model.Info.Path, _settings.Parallel);
    }

    private int? UsualRows(ConceptModel model)
    {
        int context = model.Info.ContextLength;
        long fit = UsualCacheBytes / Math.Max(1, model.CacheBytesPerPosition * context);
        return fit <= 2 || _settings.Parallel <= 2 ? null : (int)Math.Min(fit, _settings.Parallel) * context;
    }

    /// <summary>Loads for the requests that wait; what keeps the model from being loaded is their answer, and the next
    /// request tries again.</summary>
    private bool TryLoad()
    {
        try
        {
            Load(_abandon.Token);
            return true;
        }
        catch (Exception problem) when (!_abandon.IsCancellationRequested && problem is not OutOfMemoryException)
        {
            NotLoaded(Name, problem);
            _slot.TryTakeOut(); // unloaded, as it was: the next request tries again
            _queue.RefuseWaiting(new ModelNotLoadedException(Name, problem));
            return false;
        }
    }

    private void Unload()
    {
        if (_slot.TryTakeOut() is { } model)
        {
            _batch!.Dispose();
            _batch = null;
            model.Dispose();
            Unloaded(Name);
        }
    }

    private OperationCanceledException Stopping() => new($"{Name} is being stopped.");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded from {Path}; {Parallel} thoughts at once")]
    private partial void Loaded(string model, string path, int parallel);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is unloaded until somebody asks for it")]
    private partial void Unloaded(string model);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} cannot be loaded; the next request tries again")]
    private partial void NotLoaded(string model, Exception problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} cannot go on: {Reason}")]
    private partial void Failed(string model, string reason, Exception? problem);
}
