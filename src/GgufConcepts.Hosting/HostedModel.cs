using System.Runtime.CompilerServices;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>Loads a model when the host starts, and is the only one to compute with it until the host stops.</summary>
internal sealed partial class HostedModel : BackgroundService, IConceptService
{
    private readonly HostedModelSettings _settings;
    private readonly TimeSpan _drainLimit;
    private readonly ILogger _logger;
    private readonly JobQueue _queue;
    private readonly CancellationTokenSource _abandon = new();
    private ConceptModel? _model;
    private ConceptBatch? _batch;

    public HostedModel(
        string name,
        IOptionsMonitor<HostedModelSettings> settings,
        IOptions<HostedConceptSettings> host,
        ILogger<HostedModel> logger)
    {
        Name = name;
        _settings = settings.Get(name);
        _drainLimit = host.Value.DrainLimit;
        _logger = logger;
        _queue = new JobQueue(_settings.QueueLength);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ConceptModel Model =>
        _model ?? throw new InvalidOperationException($"{Name} is not loaded; start the host first.");

    /// <inheritdoc/>
    public async IAsyncEnumerable<ThoughtEvent> ThinkAsync(
        string prompt, ThinkOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        using ThoughtJob job = new(prompt, options, _settings.Deadline, cancellation);
        if (!_queue.TryAdd(job))
        {
            throw _queue.IsClosed
                ? Stopping()
                : new ConceptQueueFullException(Name, _settings.QueueLength);
        }

        await foreach (ThoughtEvent happened in job.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return happened;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Loads the model: a bad file fails the start.</remarks>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        ModelOptions options = new()
        {
            ContextLength = _settings.ContextLength, GpuLayers = _settings.GpuLayers, Threads = _settings.Threads,
        };
        _model = await ConceptModel.LoadAsync(_settings.Model, options, null, cancellationToken).ConfigureAwait(false);
        _batch = _model.CreateBatch(_settings.Parallel);
        Loaded(Name, _model.Info.Path, _settings.Parallel);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Close(Stopping());
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
        _abandon.Cancel(); // a host that is disposed without being stopped
        _batch?.Dispose();
        _model?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run()
    {
        try
        {
            foreach (BatchEvent told in _batch!.Think(_queue, _abandon.Token))
            {
                _queue.Tell(told);
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
            Failed(Name, problem);
            _queue.Close(problem);
            _queue.Abandon(problem);
            throw;
        }
    }

    private OperationCanceledException Stopping() => new($"{Name} is being stopped.");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} is loaded from {Path}; {Parallel} thoughts at once")]
    private partial void Loaded(string model, string path, int parallel);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} cannot go on")]
    private partial void Failed(string model, Exception problem);
}
