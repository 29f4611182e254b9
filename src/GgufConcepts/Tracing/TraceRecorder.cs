using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tracing;

/// <summary>Listens to a run and makes its trace, also of one that was cut short.</summary>
public sealed class TraceRecorder
{
    private readonly ModelInfo _model;
    private readonly string _prompt;
    private readonly string _strategy;
    private readonly JsonObject _settings;
    private readonly ulong _seed;
    private readonly double _loadMilliseconds;
    private readonly List<TraceStep> _steps = [];
    private readonly List<TraceChunk> _chunks = [];
    private readonly StringBuilder _answer = new();
    private readonly List<int> _answerTokens = [];
    private IReadOnlyList<int> _promptTokens = [];
    private IReadOnlyList<int>? _thinkEndTokens;
    private StopReason? _stop;
    private StopReason? _answerStop;
    private int _stepCount;
    private double _promptMilliseconds;
    private double _stepsMilliseconds;
    private double _readMilliseconds;
    private double _answerMilliseconds;

    /// <summary>Begins a record.</summary>
    /// <param name="model">The model that runs.</param>
    /// <param name="prompt">The prompt as it was given.</param>
    /// <param name="strategy">The strategy's name.</param>
    /// <param name="settings">Every setting, defaults filled in.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="loadMilliseconds">What loading the model took.</param>
    public TraceRecorder(
        ModelInfo model, string prompt, string strategy, JsonObject settings, ulong seed, double loadMilliseconds = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(strategy);
        ArgumentNullException.ThrowIfNull(settings);
        if (!double.IsFinite(loadMilliseconds)) // JSON has no such number
        {
            throw new ArgumentOutOfRangeException(nameof(loadMilliseconds), loadMilliseconds, "The time must be finite.");
        }

        _model = model;
        _prompt = prompt;
        _strategy = strategy;
        _settings = settings;
        _seed = seed;
        _loadMilliseconds = loadMilliseconds;
    }

    /// <summary>Adds what happened.</summary>
    public void Add(ThoughtEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        switch (happened)
        {
            case PromptRead prompt:
                _promptTokens = prompt.Tokens;
                _thinkEndTokens = prompt.ThinkEnd;
                _promptMilliseconds = prompt.Milliseconds;
                break;
            case ConceptStep step:
                _steps.Add(TraceStep.Of(step));
                _stepCount++;
                _stepsMilliseconds += _steps[^1].Milliseconds;
                break;
            case ChunkRead chunk:
                _chunks.Add(TraceChunk.Of(chunk));
                _readMilliseconds += chunk.Milliseconds;
                break;
            case AnswerPiece piece:
                _answer.Append(piece.Text);
                _answerTokens.AddRange(piece.Token is { } token ? [token] : []);
                _answerMilliseconds += piece.Milliseconds;
                break;
            case ThoughtEnded ended:
                (_stop, _answerStop) = (ended.Reason, ended.AnswerReason);
                break;
        }
    }

    /// <summary>The steps so far, but for those forgotten.</summary>
    internal IReadOnlyList<TraceStep> Steps => _steps;

    /// <summary>Lets go of the steps so far, which somebody else keeps; the timings still count them.</summary>
    internal void ForgetSteps() => _steps.Clear();

    /// <summary>The trace so far.</summary>
    /// <param name="unfinished">Why it is not whole, where the run did not come to its end.</param>
    public Trace Build(StopReason unfinished = StopReason.Cancelled) => new()
    {
        Model = TraceModel.Of(_model),
        Prompt = _prompt,
        PromptTokens = _promptTokens,
        ThinkEndTokens = _thinkEndTokens,
        Strategy = _strategy,
        Settings = _settings,
        Seed = _seed,
        Steps = [.. _steps],
        Chunks = [.. _chunks],
        Answer = _answer.ToString(),
        AnswerTokens = _answerTokens.Count > 0 ? [.. _answerTokens] : null,
        AnswerStop = _answerStop is { } reason ? NameOf(reason) : null,
        Stop = NameOf(_stop ?? unfinished),
        Timings = new TraceTimings
        {
            LoadMs = Round(_loadMilliseconds),
            PromptMs = Round(_promptMilliseconds),
            StepsMs = Round(_stepsMilliseconds),
            ReadMs = Round(_readMilliseconds),
            AnswerMs = Round(_answerMilliseconds),
            StepsPerSecond = _stepsMilliseconds > 0 ? Round(_stepCount / _stepsMilliseconds * 1000) : 0,
        },
    };

    internal static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    internal static double Round(double value) => Math.Round(value, 3);
}
