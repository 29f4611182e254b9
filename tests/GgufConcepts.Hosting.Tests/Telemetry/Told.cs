using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using GgufConcepts.Hosting.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Tests.Telemetry;

/// <summary>All that a host tells of one model, whose name no other test has.</summary>
internal sealed class Told : ILoggerProvider, ILogger
{
    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;
    private readonly string _model;
    private IHost? _host;

    public Told(string model)
    {
        _model = model;
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ConceptTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("gen_ai.request.model") is string name && name == model)
                {
                    Spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ConceptTelemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measure(instrument, value, tags));
        _meters.Start();
    }

    public ConcurrentQueue<Activity> Spans { get; } = [];

    public ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> Measured { get; } = [];

    public ConcurrentQueue<(LogLevel Level, string Line)> Lines { get; } = [];

    /// <summary>A host of that model, with its log here.</summary>
    public async Task<IConceptService> StartAsync(Action<HostedModelSettings> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.ConfigureAll<HostedModelSettings>(model => model.Isolation = ModelIsolation.InProcess);
        builder.Services.AddGgufConcepts().AddModel(_model, configure);
        builder.Logging.AddProvider(this).SetMinimumLevel(LogLevel.Debug);
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
        return _host.Services.GetRequiredService<IConceptService>();
    }

    public double[] Values(string instrument) => [.. Of(instrument).Select(each => each.Value)];

    public (string Name, double Value, Dictionary<string, object?> Tags)[] Of(string instrument) =>
        [.. Measured.Where(each => each.Name == instrument)];

    /// <summary>What an instrument says that is asked.</summary>
    public int Observe(string instrument)
    {
        Measured.Clear();
        _meters.RecordObservableInstruments();
        return (int)Of(instrument).Single().Value;
    }

    public async Task StopAsync()
    {
        await _host!.StopAsync(TestContext.Current.CancellationToken);
        Dispose();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
        IHost? host = Interlocked.Exchange(ref _host, null);
        host?.Dispose(); // which disposes this again
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> named = new(tags.ToArray());
        if (named.GetValueOrDefault("gen_ai.request.model") is string name && name == _model)
        {
            Measured.Enqueue((instrument.Name, value, named));
        }
    }
}
