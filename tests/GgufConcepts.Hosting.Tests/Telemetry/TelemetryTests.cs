using System.Diagnostics;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GgufConcepts.Hosting.Tests.Telemetry;

/// <summary>What a host tells of its requests.</summary>
public sealed class TelemetryTests
{
    private static readonly string s_path = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 512 });

    private static readonly ThinkOptions s_brief = Hosts.Brief with { FixedLength = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_ThatIsDone_IsMeasured()
    {
        using Told told = new("measured");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        Stopwatch clock = Stopwatch.StartNew();
        ThoughtEvent[] events = await Hosts.CollectAsync(service, "The capital", s_brief);
        double took = clock.Elapsed.TotalSeconds;

        double duration = Assert.Single(told.Values("gen_ai.server.request.duration"));
        double first = Assert.Single(told.Values("gen_ai.server.time_to_first_token"));
        int answer = events.OfType<AnswerPiece>().Count(piece => piece.Token is not null);
        Assert.InRange(duration, first, took);
        Assert.True(first > 0);
        Assert.Equal((duration - first) / (6 + answer - 1), Assert.Single(told.Values("gen_ai.server.time_per_output_token")), tolerance: 1e-9);
        Assert.Equal(
            [("input", events.OfType<PromptRead>().Single().Tokens.Count), ("output", 6 + answer)],
            told.Of("gen_ai.client.token.usage").Select(each => ((string)each.Tags["gen_ai.token.type"]!, (int)each.Value)));
        Assert.Equal([6d], told.Values("ggufconcepts.concept.steps"));
        Assert.Equal(events.OfType<ConceptStep>().Select(step => step.Entropy), told.Values("ggufconcepts.concept.entropy"));
        (_, double stops, Dictionary<string, object?> why) = Assert.Single(told.Of("ggufconcepts.concept.stops"));
        Assert.Equal((1, "maxSteps", "soft"), ((int)stops, (string)why["ggufconcepts.stop.reason"]!, (string)why["ggufconcepts.strategy"]!));
        Dictionary<string, object?> tags = told.Of("gen_ai.server.request.duration")[0].Tags;
        Assert.Equal(
            ["gen_ai.operation.name=think", "gen_ai.provider.name=ggufconcepts", "gen_ai.request.model=measured", "gen_ai.response.model=measured"],
            tags.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
        await told.StopAsync();
    }

    [Fact]
    public async Task Request_ThatIsDone_IsASpanUnderItsCallers()
    {
        using Told told = new("spanned");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        using Activity callers = new Activity("caller").Start();
        await Hosts.CollectAsync(service, "The capital", s_brief with
        {
            Seed = 7, Answer = new TokenDecoding { Mix = new() { Temperature = 0.5f, TopK = 9 } }, Reader = new(),
        });
        Assert.Same(callers, Activity.Current);
        callers.Stop();

        Activity span = Assert.Single(told.Spans);
        Assert.Equal(("think spanned", ActivityKind.Internal, callers.SpanId), (span.DisplayName, span.Kind, span.ParentSpanId));
        Assert.Equal(told.Values("gen_ai.server.request.duration")[0], span.Duration.TotalSeconds, tolerance: 1e-3);
        Assert.Equal(
            ["ggufconcepts.prompt.read", "ggufconcepts.thought.read"], span.Events.Select(happened => happened.Name));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Equal(7L, span.GetTagItem("gen_ai.request.seed"));
        Assert.Equal(0.5, span.GetTagItem("gen_ai.request.temperature"));
        Assert.Equal(9d, span.GetTagItem("gen_ai.request.top_k"));
        Assert.Equal(3, span.GetTagItem("gen_ai.request.max_tokens"));
        Assert.Equal(6, span.GetTagItem("gen_ai.usage.reasoning.output_tokens"));
        Assert.Equal(told.Of("gen_ai.client.token.usage")[1].Value, (int)span.GetTagItem("gen_ai.usage.output_tokens")!);
        Assert.Contains(((string[])span.GetTagItem("gen_ai.response.finish_reasons")!)[0], (string[])["stop", "length"]);
        Assert.Equal(("soft", "maxSteps"), (span.GetTagItem("ggufconcepts.strategy"), span.GetTagItem("ggufconcepts.stop.reason")));
        await told.StopAsync();
    }

    [Fact]
    public async Task Requests_ByWhatTheyAre_HaveTheirOperation()
    {
        using Told told = new("operations");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        await Hosts.CollectAsync(service, "The", s_brief with { Chat = new ChatOptions() });
        await Hosts.CollectAsync(service, "The", s_brief with { MaxSteps = 0 });

        Assert.Equal(["chat operations", "text_completion operations"], told.Spans.Select(span => span.DisplayName));
        Assert.Equal([6d], told.Values("ggufconcepts.concept.steps")); // the second was no thought
        Assert.Single(told.Of("ggufconcepts.concept.stops"));
        await told.StopAsync();
    }

    [Fact]
    public async Task Telemetry_OfAnyRequest_HasNoWordOfIt()
    {
        const string Prompt = "What is the secret of the Queen", Secret = "secret";
        using Told told = new("silent");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        ChatOptions chat = new() { System = Prompt, History = [new ChatTurn(ChatRole.Assistant, Prompt)] };
        await Hosts.CollectAsync(service, Prompt, s_brief with { Chat = chat, StopTexts = [Secret] });
        await Assert.ThrowsAsync<ConceptInputException>(() => Hosts.CollectAsync(service, Prompt, s_brief with { Reader = new() { Prompt = Secret } }));
        await told.StopAsync();

        Assert.Contains(told.Lines, line => line is { Level: LogLevel.Debug, Line: var text } && text.Contains("silent: chat comes", StringComparison.Ordinal));
        Assert.Contains(told.Lines, line => line is { Level: LogLevel.Information, Line: var text } && text.Contains("6 steps (maxSteps)", StringComparison.Ordinal));
        Assert.Contains(told.Lines, line => line.Line.Contains("silent: think refused: its text or its settings cannot be used", StringComparison.Ordinal));
        Assert.DoesNotContain(told.Lines, line => line.Line.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(2, told.Spans.Count);
        Assert.All(told.Spans, span => Assert.DoesNotContain(
            span.TagObjects.Select(tag => $"{tag.Value}").Append(span.StatusDescription ?? ""),
            text => text.Contains(Secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Request_ThatFails_IsToldWithItsError()
    {
        using Told told = new("failing");
        IConceptService service = await told.StartAsync(
            model => (model.Model, model.Parallel, model.QueueLength, model.Deadline) = (s_path, 1, 1, TimeSpan.FromSeconds(30)));

        await Assert.ThrowsAsync<ConceptInputException>(() => Hosts.CollectAsync(service, "", s_brief));
        Assert.Equal(["GgufConcepts.ConceptInputException"], Errors());

        using CancellationTokenSource leaving = new();
        await using IAsyncEnumerator<ThoughtEvent> first = service.ThinkAsync("The", Hosts.Endless, leaving.Token).GetAsyncEnumerator(Token);
        Assert.True(await first.MoveNextAsync()); // it has the only place
        Task<ThoughtEvent[]> waiting = Hosts.CollectAsync(service, "The", s_brief);
        Assert.Equal((1, 1), (told.Observe("ggufconcepts.queue.depth"), told.Observe("ggufconcepts.batch.size")));
        await Assert.ThrowsAsync<ConceptQueueFullException>(() => Hosts.CollectAsync(service, "The", s_brief));
        Assert.Equal(["GgufConcepts.Hosting.ConceptQueueFullException"], Errors());
        await leaving.CancelAsync();
        await waiting;
        Assert.Equal((0, 0), (told.Observe("ggufconcepts.queue.depth"), told.Observe("ggufconcepts.batch.size")));
        await first.DisposeAsync();

        Assert.Equal(4, told.Spans.Count);
        Assert.Equal(
            ["System.OperationCanceledException"],
            told.Spans.Select(span => span.GetTagItem("error.type")).OfType<string>().Where(type => !type.StartsWith("Gguf", StringComparison.Ordinal)));
        Assert.Equal(3, told.Spans.Count(span => span.Status == ActivityStatusCode.Error));
        Assert.Contains(told.Lines, line => line.Line.StartsWith("failing: think cancelled after", StringComparison.Ordinal));
        await told.StopAsync();

        string?[] Errors()
        {
            string?[] errors = [.. told.Of("gen_ai.server.request.duration").Select(each => each.Tags.GetValueOrDefault("error.type") as string)];
            told.Measured.Clear();
            return errors;
        }
    }

    [Fact]
    public async Task Request_PastItsDeadline_IsATimeout()
    {
        using Told told = new("late");
        IConceptService service = await told.StartAsync(model => (model.Model, model.Deadline) = (s_path, TimeSpan.FromMilliseconds(200)));
        await Assert.ThrowsAsync<TimeoutException>(() => Hosts.CollectAsync(service, "The", Hosts.Endless));

        Assert.Equal("System.TimeoutException", Assert.Single(told.Of("gen_ai.server.request.duration")).Tags["error.type"]);
        Assert.Empty(told.Of("gen_ai.server.time_to_first_token")); // of successful ones alone
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(told.Spans).Status);
        Assert.Contains(told.Lines, line => line is { Level: LogLevel.Warning, Line: var text } && text.StartsWith("late: think failed", StringComparison.Ordinal));
        await told.StopAsync();
    }

    [Fact]
    public async Task Request_LeftInTheMiddle_IsCancelled()
    {
        using Told told = new("left");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        await foreach (ThoughtEvent happened in service.ThinkAsync("The", Hosts.Endless, Token))
        {
            if (happened is ConceptStep)
            {
                break;
            }
        }

        Assert.Equal("System.OperationCanceledException", Assert.Single(told.Of("gen_ai.server.request.duration")).Tags["error.type"]);
        Assert.Single(told.Spans);
        await told.StopAsync();
    }

    [Fact]
    public async Task Request_ReadSlowly_IsTimedByTheModel()
    {
        using Told told = new("slowly");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        await using IAsyncEnumerator<ThoughtEvent> events = service.ThinkAsync("The", s_brief, Token).GetAsyncEnumerator(Token);
        Assert.True(await events.MoveNextAsync());
        await Hosts.WaitUntilAsync(() => told.Values("gen_ai.server.request.duration").Length == 1); // nobody has read the rest
        await Task.Delay(100, Token); // the reader's time
        while (await events.MoveNextAsync())
        {
        }

        await events.DisposeAsync();
        Assert.Equal(
            told.Values("gen_ai.server.request.duration")[0], Assert.Single(told.Spans).Duration.TotalSeconds, tolerance: 1e-3);
        await told.StopAsync();
    }

    [Fact]
    public async Task Metrics_Exported_HaveTheBucketsOfTheConventions()
    {
        List<Metric> exported = [];
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(ConceptTelemetry.Name).AddInMemoryExporter(exported).Build();
        using Told told = new("exported");
        IConceptService service = await told.StartAsync(model => model.Model = s_path);
        await Hosts.CollectAsync(service, "The", s_brief);
        provider.ForceFlush();

        Assert.Equal([0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], Bounds("gen_ai.server.time_to_first_token", "s"));
        Assert.Equal([0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5], Bounds("gen_ai.server.time_per_output_token", "s"));
        double[] doubling = [.. Enumerable.Range(0, 14).Select(i => 0.01 * Math.Pow(2, i))];
        Assert.Equal(doubling, Bounds("gen_ai.server.request.duration", "s"));
        double[] fours = [.. Enumerable.Range(0, 14).Select(i => Math.Pow(4, i))];
        Assert.Equal(fours, Bounds("gen_ai.client.token.usage", "{token}"));
        await told.StopAsync();

        double[] Bounds(string name, string unit)
        {
            Metric metric = exported.First(each => each.Name == name);
            Assert.Equal(unit, metric.Unit);
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                List<double> bounds = [];
                foreach (HistogramBucket bucket in point.GetHistogramBuckets())
                {
                    bounds.Add(bucket.ExplicitBound);
                }

                return [.. bounds.SkipLast(1)]; // the last is infinite
            }

            return [];
        }
    }
}
