using System.Diagnostics;
using System.Text.Json;
using GgufConcepts.Decoding;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting.Telemetry;

/// <summary>What is told of one request: its span, its measurements, its lines in the log.</summary>
/// <remarks>Measured where things happen, not where they are read: a slow reader is not the model's time. One thread
/// adds; any ends it, and the first that does is heard.</remarks>
internal sealed class RequestTelemetry : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ConceptInstruments _instruments;
    private readonly ILogger _logger;
    private readonly string _model;
    private readonly string _operation;
    private readonly ThinkOptions _options;
    private readonly Activity? _activity;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private TimeSpan? _first;
    private int? _promptTokens;
    private int _steps;
    private int _answerTokens;
    private bool _isOver;

    /// <summary>A request has come. Its span is a child of the caller's.</summary>
    public RequestTelemetry(ConceptInstruments instruments, ILogger logger, string model, ThinkOptions? options)
    {
        _options = options ?? new ThinkOptions();
        (_instruments, _logger, _model) = (instruments, logger, model);
        _operation = _options.Chat is not null ? "chat" : _options.MaxSteps > 0 ? "think" : "text_completion";
        _activity = ConceptInstruments.Source.StartActivity(
            $"{_operation} {model}", ActivityKind.Internal, parentContext: default, tags: CommonTags());
        if (_activity is { IsAllDataRequested: true })
        {
            Describe(_activity);
        }

        RequestLog.Begun(logger, model, _operation, StrategyName, _options.MaxSteps, _options.AnswerTokens);
    }

    private string? StrategyName => _options.MaxSteps > 0 ? _options.Strategy?.Name : null; // null: the options are yet to be checked

    /// <summary>Something happened.</summary>
    public void Add(ThoughtEvent happened) => Tell(happened, TellEvent);

    /// <summary>The request has come to its end.</summary>
    public void End(ThoughtEnded ended) => Tell(ended, TellEnd);

    /// <summary>Something ended the request before it was done.</summary>
    public void Fail(Exception problem) => Tell(problem, TellFailure);

    /// <summary>Ends the span. On the caller's thread: ending it sets the span that is current there.</summary>
    public void Dispose() => _activity?.Dispose();

    private void Tell<T>(T what, Action<T> tell)
    {
        lock (_gate) // who comes second goes on when all is told
        {
            try
            {
                if (!_isOver)
                {
                    tell(what);
                }
            }
            catch (Exception)
            {
                // who listens may fail: the request goes on
            }
        }
    }

    private void TellEvent(ThoughtEvent happened)
    {
        switch (happened)
        {
            case PromptRead prompt:
                _promptTokens = prompt.Tokens.Count;
                _activity?.AddEvent(new ActivityEvent("ggufconcepts.prompt.read"));
                break;
            case ConceptStep { IsMarker: false } step:
                _first ??= Stopwatch.GetElapsedTime(_begin);
                _steps++;
                _instruments.Entropy.Record(step.Entropy, ThoughtTags());
                break;
            case ChunkRead:
                _activity?.AddEvent(new ActivityEvent("ggufconcepts.thought.read"));
                break;
            case AnswerPiece { Token: not null }:
                _first ??= Stopwatch.GetElapsedTime(_begin);
                _answerTokens++;
                break;
        }
    }

    private TimeSpan Stop()
    {
        _isOver = true;
        TimeSpan duration = Stopwatch.GetElapsedTime(_begin);
        _activity?.SetEndTime(_activity.StartTimeUtc + duration);
        return duration;
    }

    private void TellEnd(ThoughtEnded ended)
    {
        TimeSpan duration = Stop();
        int tokens = _steps + _answerTokens;
        TagList tags = CommonTags();
        _instruments.RequestDuration.Record(duration.TotalSeconds, tags);
        if (_first is { } first)
        {
            _instruments.TimeToFirstToken.Record(first.TotalSeconds, tags);
            if (tokens > 1)
            {
                _instruments.TimePerOutputToken.Record((duration - first).TotalSeconds / (tokens - 1), tags);
            }
        }

        string? stop = null;
        if (_options.MaxSteps > 0)
        {
            stop = NameOf(ended.Reason);
            TagList thought = ThoughtTags();
            _instruments.Steps.Record(_steps, thought);
            thought.Add("ggufconcepts.stop.reason", stop);
            _instruments.Stops.Add(1, thought);
        }

        RecordTokens();
        _activity?
            .SetTag("gen_ai.response.finish_reasons", new[] { FinishReasons.Of(ended) })
            .SetTag("ggufconcepts.stop.reason", stop);
        RequestLog.Ended(
            _logger, _model, _operation, duration.TotalMilliseconds, _promptTokens ?? 0, _steps, stop, _answerTokens,
            ended.AnswerReason is { } reason ? NameOf(reason) : null);
    }

    private void TellFailure(Exception problem)
    {
        TimeSpan duration = Stop();
        TagList tags = CommonTags();
        string type = problem.GetType().FullName!;
        tags.Add("error.type", type);
        _instruments.RequestDuration.Record(duration.TotalSeconds, tags);
        RecordTokens();

        // What is wrong with what was given may be told in its own words, which are the caller's.
        _activity?
            .SetTag("error.type", type)
            .SetStatus(ActivityStatusCode.Error, problem is ConceptInputException ? null : problem.Message);
        if (problem is OperationCanceledException)
        {
            RequestLog.Cancelled(_logger, _model, _operation, duration.TotalMilliseconds, _steps, _answerTokens);
        }
        else if (problem is ConceptInputException or ConceptQueueFullException)
        {
            string reason = ReasonOf(problem);
            RequestLog.Refused(_logger, _model, _operation, reason);
        }
        else
        {
            RequestLog.Failed(_logger, _model, _operation, duration.TotalMilliseconds, problem);
        }
    }

    /// <summary>A refusal without the caller's words: its numbers, or the name of the field.</summary>
    private static string ReasonOf(Exception problem) => problem switch
    {
        ConceptQueueFullException or ContextFullException => problem.Message,
        ConceptInputException { Field: "prompt" } => "its prompt is empty",
        _ => "its text or its settings cannot be used",
    };

    private void RecordTokens()
    {
        if (_promptTokens is not { } input)
        {
            return;
        }

        int output = _steps + _answerTokens;
        TagList tags = CommonTags();
        _instruments.TokenUsage.Record(input, [.. tags, new("gen_ai.token.type", "input")]);
        _instruments.TokenUsage.Record(output, [.. tags, new("gen_ai.token.type", "output")]);
        _activity?
            .SetTag("gen_ai.usage.input_tokens", input)
            .SetTag("gen_ai.usage.output_tokens", output)
            .SetTag("gen_ai.usage.reasoning.output_tokens", _steps);
    }

    private TagList CommonTags() => new()
    {
        { "gen_ai.operation.name", _operation },
        { "gen_ai.provider.name", ConceptTelemetry.Provider },
        { "gen_ai.request.model", _model },
        { "gen_ai.response.model", _model },
    };

    private TagList ThoughtTags() => new()
    {
        { "gen_ai.request.model", _model },
        { "ggufconcepts.strategy", StrategyName },
    };

    private void Describe(Activity activity)
    {
        activity
            .SetTag("ggufconcepts.strategy", StrategyName)
            .SetTag("ggufconcepts.max_steps", _options.MaxSteps)
            .SetTag("gen_ai.request.max_tokens", _options.AnswerTokens)
            .SetTag("gen_ai.request.seed", unchecked((long)_options.Seed)); // which has the same bits
        if (_options.Answer is TokenDecoding { Greedy: false } answer)
        {
            activity
                .SetTag("gen_ai.request.temperature", (double)answer.Mix.Temperature)
                .SetTag("gen_ai.request.top_p", (double)answer.Mix.TopP)
                .SetTag("gen_ai.request.top_k", (double)answer.Mix.TopK);
        }
    }

    private static string NameOf(StopReason reason) => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()); // as in traces
}
