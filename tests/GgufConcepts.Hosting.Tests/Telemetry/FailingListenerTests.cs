using System.Diagnostics.Metrics;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Tests.Telemetry;

/// <summary>A log on a full disk, or a listener that throws, is no matter of the requests that are told of.</summary>
public sealed class FailingListenerTests
{
    private const string Prompt = "The capital of Wales is";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ModelIsolation.InProcess)]
    [InlineData(ModelIsolation.OwnProcess)]
    public async Task ThinkAsync_LogFails_IsAnsweredAllTheSame(ModelIsolation isolation)
    {
        using IHost host = await StartAsync(model => model.Isolation = isolation);
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief).WaitAsync(s_limit, Token))[^1]);
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief).WaitAsync(s_limit, Token))[^1]);
        Assert.Equal(0, service.Running);
    }

    /// <summary>What a timer throws ends the program.</summary>
    [Fact]
    public async Task ThinkAsync_LogFailsAtTheDeadline_EndsNothingElse()
    {
        using IHost host = await StartAsync(model =>
            (model.Isolation, model.Deadline) = (ModelIsolation.InProcess, TimeSpan.FromMilliseconds(200)));
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        await Assert.ThrowsAsync<TimeoutException>(() => Hosts.CollectAsync(service, Prompt, Hosts.Endless));
        await Hosts.WaitUntilAsync(() => service.Running == 0);
    }

    [Theory]
    [InlineData(ModelIsolation.InProcess)]
    [InlineData(ModelIsolation.OwnProcess)]
    public async Task ThinkAsync_MeterListenerFails_IsAnsweredAllTheSame(ModelIsolation isolation)
    {
        using IHost host = await StartAsync(model => model.Isolation = isolation, logFails: false);
        IMeterFactory meters = host.Services.GetRequiredService<IMeterFactory>();
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, listens) =>
        {
            if (instrument.Meter.Name == ConceptTelemetry.Name && instrument.Meter.Scope == meters)
            {
                listens.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("No more numbers."));
        listener.Start();
        IConceptService service = host.Services.GetRequiredService<IConceptService>();
        Assert.IsType<ThoughtEnded>((await Hosts.CollectAsync(service, Prompt, Hosts.Brief).WaitAsync(s_limit, Token))[^1]);
        Assert.Equal(0, service.Running);
    }

    private static async Task<IHost> StartAsync(Action<HostedModelSettings> configure, bool logFails = true)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddGgufConcepts().AddModel("atlas", model =>
        {
            model.Model = CommittedModels.Path("atlas.gguf");
            configure(model);
        });
        if (logFails)
        {
            builder.Logging.AddProvider(new FullDisk());
            builder.Logging.AddFilter("Microsoft", LogLevel.None); // the host's own lines are its matter
        }

        IHost host = builder.Build();
        await host.StartAsync(Token);
        return host;
    }

    private sealed class FullDisk : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new IOException("No space left on device");
    }
}
