using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GgufConcepts.Hosting.Telemetry;

/// <summary>The instruments of a host's models. Any thread.</summary>
/// <remarks>Names, units and buckets of those that begin with <c>gen_ai</c>: OpenTelemetry's semantic conventions for
/// generative AI (gen-ai-metrics.md).</remarks>
internal sealed class ConceptInstruments
{
    private static readonly string? s_version = typeof(ConceptInstruments).Assembly.GetName().Version?.ToString(3);

    private readonly ConcurrentDictionary<string, IConceptService> _models = [];

    public ConceptInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(new MeterOptions(ConceptTelemetry.Name) { Version = s_version });
        RequestDuration = Histogram<double>(
            meter, "gen_ai.server.request.duration", "s", "Generative AI server request duration.",
            [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
        TimeToFirstToken = Histogram<double>(
            meter, "gen_ai.server.time_to_first_token", "s", "Time to generate first token for successful responses.",
            [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0]);
        TimePerOutputToken = Histogram<double>(
            meter, "gen_ai.server.time_per_output_token", "s",
            "Time per output token generated after the first token for successful responses.",
            [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5]);
        TokenUsage = Histogram<long>(
            meter, "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
            [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]);
        Steps = Histogram<long>(
            meter, "ggufconcepts.concept.steps", "{step}", "Steps of a thought.",
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]);
        Entropy = Histogram<double>(
            meter, "ggufconcepts.concept.entropy", "{nat}", "Entropy of a step, in nats, over the whole vocabulary.",
            [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12]); // ln of a vocabulary of 160,000 is 12
        Stops = meter.CreateCounter<long>(
            "ggufconcepts.concept.stops", "{thought}", "Thoughts that came to their end, by the reason.");
        meter.CreateObservableUpDownCounter(
            "ggufconcepts.queue.depth", () => Observe(model => model.Waiting), "{request}", "Requests that wait for their place.");
        meter.CreateObservableUpDownCounter(
            "ggufconcepts.batch.size", () => Observe(model => model.Running), "{request}",
            "Requests that a model works on; a decode has up to one row of each.");
    }

    /// <summary>Makes a request's span.</summary>
    public static ActivitySource Source { get; } = new(ConceptTelemetry.Name, s_version ?? "");

    public Histogram<double> RequestDuration { get; }

    public Histogram<double> TimeToFirstToken { get; }

    public Histogram<double> TimePerOutputToken { get; }

    public Histogram<long> TokenUsage { get; }

    public Histogram<long> Steps { get; }

    public Histogram<double> Entropy { get; }

    public Counter<long> Stops { get; }

    /// <summary>Has the queue of a model watched.</summary>
    public void Watch(IConceptService model) => _models[model.Name] = model;

    private IEnumerable<Measurement<int>> Observe(Func<IConceptService, int> count) => _models.Values.Select(
        model => new Measurement<int>(count(model), new KeyValuePair<string, object?>("gen_ai.request.model", model.Name)));

    private static Histogram<T> Histogram<T>(Meter meter, string name, string unit, string description, T[] buckets)
        where T : struct => meter.CreateHistogram(
            name, unit, description, tags: null, new InstrumentAdvice<T> { HistogramBucketBoundaries = buckets });
}
