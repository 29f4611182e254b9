using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>What came of one question with one strategy: a line of a results file.</summary>
public sealed record QuestionResult
{
    /// <summary>The question's line in its file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The question's name, where it has one.</summary>
    public string? Id { get; init; }

    /// <summary>The strategy's label.</summary>
    public required string Strategy { get; init; }

    /// <summary>Whether the answer is right.</summary>
    public required bool Right { get; init; }

    /// <summary>The answer that was found in what was said; null where none was.</summary>
    public string? Answer { get; init; }

    /// <summary>Why none was found; null where one was.</summary>
    public AnswerFailure? Failure { get; init; }

    /// <summary>What would have been right; empty where a pattern says so.</summary>
    public IReadOnlyList<string> Wanted { get; init => field = value ?? []; } = []; // the serializer sets what is left out to null

    /// <summary>The words in which the answer was looked for.</summary>
    public string Said { get; init => field = value ?? ""; } = "";

    /// <summary>Steps of the thought.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public required int AnswerTokens { get; init; }

    /// <summary>Why the thought stopped, as in a trace; <c>nextQuestion</c> where the model began a question of its
    /// own.</summary>
    public string? Stop { get; init; }

    /// <summary>Why the answer stopped, as in a trace or <c>nextQuestion</c>.</summary>
    public string? AnswerStop { get; init; }

    /// <summary>Wall time.</summary>
    public required double Milliseconds { get; init; }
}

/// <summary>The first line of a results file: what its lines are results of.</summary>
/// <param name="Results">What the file is; always the same.</param>
/// <param name="Schema">The version of its form.</param>
/// <param name="Model">The model.</param>
/// <param name="Questions">Name of the question file.</param>
/// <param name="Sha256">Of the question file.</param>
/// <param name="Task">Kind of the questions.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Strategies">What is compared.</param>
internal sealed record ResultsHeader(
    string Results,
    int Schema,
    ResultsModel Model,
    string Questions,
    string Sha256,
    string Task,
    ulong Seed,
    IReadOnlyList<ResultsStrategy> Strategies)
{
    public const string Mark = "ggufconcepts eval";

    /// <summary>The prompt; null for the usual one.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>The pattern that finds answers; null for none.</summary>
    public string? AnswerPattern { get; init; }
}

/// <summary>A model as a results file knows it again, wherever its file lies.</summary>
/// <param name="Name">Its own name.</param>
/// <param name="Description">Architecture, size and quantisation.</param>
/// <param name="Fingerprint">SHA-256 of the file's length, first and last mebibyte.</param>
/// <param name="ContextLength">Positions a sequence can hold.</param>
internal sealed record ResultsModel(string Name, string Description, string Fingerprint, int ContextLength);

/// <summary>A strategy and every setting its questions are thought about with.</summary>
internal sealed record ResultsStrategy(string Label, JsonObject Settings);

/// <summary>Generated serializers: one line each.</summary>
[JsonSerializable(typeof(ResultsHeader))]
[JsonSerializable(typeof(QuestionResult))]
internal sealed partial class ResultsJson : JsonSerializerContext;
