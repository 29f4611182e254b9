using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>The only one to compute with its model while the host runs: takes the requests off its queue.</summary>
internal sealed partial class HostedModel : BackgroundService, IConceptService
{
    private readonly HostedModelSettings _settings;
    private readonly TimeSpan _drainLimit;
    private readonly CarefulLogger _logger;
    private readonly ConceptInstruments _instruments;
    private readonly JobQueue _queue;
    private readonly ModelSlot _slot;
    private readonly RunnerLoader _loader;
    private readonly CancellationTokenSource _abandon = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly CrashRecord _crashes = new();
    private IModelRunner? _runner; // the worker's alone, but for the first
    private volatile bool _isTried; // whether it is loaded without being asked for: it is not ready between two tries

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
        _logger = new CarefulLogger(logger);
        _loader = new RunnerLoader(name, _settings, _logger);
        _instruments = instruments;
        _queue = new JobQueue(_settings.QueueLength, _settings.UnloadAfter);
        _slot = new ModelSlot(name);
        _isTried = _settings.Loading == ModelLoading.InBackground;
        instruments.Watch(this);
        _stopping = life.ApplicationStopping.Register(Drain); // a web server stops only once its requests are answered
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ModelState State => _slot.State is var state && state == ModelState.Unloaded && _isTried ? ModelState.Loading : state;

    /// <inheritdoc/>
    public double LoadedFraction => _slot.LoadedFraction;

    /// <inheritdoc/>
    public ModelInfo? Info => _slot.Info;

    /// <inheritdoc/>
    public Exception? Problem => _slot.Problem;

    /// <inheritdoc/>
    public ModelAbilities? Abilities => State == ModelState.Ready ? _slot.Require().Abilities : null;

    /// <inheritdoc/>
    public ConceptModel Model => _slot.Require().Model ?? throw new InvalidOperationException(
        $"{Name} runs in a process of its own; set {nameof(HostedModelSettings.Isolation)} to {ModelIsolation.InProcess} to look into it.");

    /// <summary>What runs the model.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded now.</exception>
    internal IModelRunner Runner => _slot.Require();

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
    public async Task<CloseReading> ReadAsync(
        float[] vectors, ReadOptions? options, ulong seed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        options ??= new ReadOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        using IDisposable held = _slot.Hold();
        IModelRunner runner = _slot.Require();
        int width = runner.Info.EmbeddingLength;
        return vectors.Length > 0 && vectors.Length % width == 0 && TensorPrimitives.IsFiniteAll<float>(vectors)
            ? await runner.ReadAsync(vectors, options, seed, cancellation).ConfigureAwait(false)
            : throw new ArgumentException($"{vectors.Length} numbers are given; give vectors of {width} finite ones each.", nameof(vectors));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TraceStep>> FindNearestAsync(
        IReadOnlyList<TraceStep> steps, int count, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using IDisposable held = _slot.Hold();
        return await _slot.Require().FindNearestAsync(steps, count, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IDisposable Hold() => _slot.Hold();

    /// <inheritdoc/>
    /// <remarks>With <see cref="ModelLoading.BeforeStart"/> a bad file fails the start.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (ExecuteTask is { IsCompleted: false })
        {
            return; // since a start that failed over another model
        }

        if (_settings.Loading == ModelLoading.BeforeStart && _runner is null)
        {
            await Task.Run(() => Load(_loader.FindFile(), cancellationToken), cancellationToken).ConfigureAwait(false);
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
        _queue.Close(Stopping()); // a host that is disposed without being stopped
        _abandon.Cancel();
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
                LoadFirst();
            }

            while (_runner is not null || _queue.WaitForever(_abandon.Token))
            {
                if (_runner is null && !TryLoad())
                {
                    continue;
                }

                _queue.Begin();
                try
                {
                    _runner!.Run(_queue, _abandon.Token);
                }
                catch (ModelWorkerException problem)
                {
                    Lose(problem);
                    continue;
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
            when ((_abandon.IsCancellationRequested || _queue.IsClosed) && problem is OperationCanceledException or ObjectDisposedException)
        {
            _queue.Abandon(Stopping);
        }
        catch (Exception problem)
        {
            Environment.ExitCode = 1; // the host stops over this, and would say 0
            Failed(Name, problem.Message, problem is ConceptInputException ? null : problem);
            _slot.Fail(problem);
            _queue.Close(problem);
            _queue.Abandon(() => problem);
            throw;
        }
    }

    private OperationCanceledException Stopping() => new($"{Name} is being stopped.");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded from {Path}; {Parallel} thoughts at once")]
    private partial void Loaded(string model, string path, int parallel);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is unloaded until somebody asks for it")]
    private partial void Unloaded(string model);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} cannot be loaded; the next request tries again")]
    private partial void NotLoaded(string model, Exception problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model}: {Reason}")]
    private partial void Lost(string model, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} cannot go on: {Reason}")]
    private partial void Failed(string model, string reason, Exception? problem);
}
