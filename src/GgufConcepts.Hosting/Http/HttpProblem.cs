using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http;

/// <summary>Why a request is not answered as it was asked for, in the form that OpenAI's clients know.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The kind of problem.</param>
/// <param name="Message">What was wrong, and what to do.</param>
internal sealed record HttpProblem(int Status, string Type, string Message)
{
    /// <summary>What is said of a body that breaks off, or is not in the form it is said to be.</summary>
    public const string Unreadable = "The body cannot be read: its chunks are none, or it ended too early.";

    /// <summary>The kind of a request that is refused for what it says.</summary>
    public const string InvalidRequest = "invalid_request_error";
    private const int Longest = 100; // characters
    private const string ServerError = "server_error";

    /// <summary>The field of the request that was wrong; null where it was none in particular.</summary>
    public string? Field { get; init; }

    /// <summary>A name for programs.</summary>
    public string? Code { get; init; }

    /// <summary>After how many seconds to try again; null where that would not help.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>What to say of an exception; null for one that nobody outside should read.</summary>
    public static HttpProblem? Of(Exception problem) => problem switch
    {
        HttpProblemException told => told.Problem,
        ContextFullException => new(StatusCodes.Status400BadRequest, InvalidRequest, problem.Message)
        {
            Code = "context_length_exceeded", Field = "prompt", // as OpenAI has it
        },
        ConceptInputException wrong => new(StatusCodes.Status400BadRequest, InvalidRequest, wrong.Message) { Field = wrong.Field },
        NonFiniteLogitsException => new(StatusCodes.Status400BadRequest, InvalidRequest, problem.Message),
        BadHttpRequestException bad => new(bad.StatusCode, InvalidRequest, WordsOf(bad.StatusCode)),
        ConceptQueueFullException => new(StatusCodes.Status429TooManyRequests, "rate_limit_error", problem.Message)
        {
            Code = "queue_full", RetryAfter = 1,
        },
        ModelNotLoadedException => new(StatusCodes.Status503ServiceUnavailable, ServerError, problem.Message)
        {
            Code = "not_loaded", RetryAfter = 5,
        },
        ModelWorkerException => new(
            StatusCodes.Status500InternalServerError, ServerError, $"{problem.Message} What it was asked is lost; ask again.")
        {
            Code = "model_process_lost",
        },
        TimeoutException => new(StatusCodes.Status504GatewayTimeout, "timeout_error", problem.Message) { Code = "deadline" },
        OperationCanceledException => new(StatusCodes.Status503ServiceUnavailable, ServerError, problem.Message)
        {
            Code = "stopping", RetryAfter = 5,
        },
        _ => null,
    };

    /// <summary>What to say of an exception whose text is for the log alone.</summary>
    public static HttpProblem Unforeseen { get; } = new(
        StatusCodes.Status500InternalServerError, ServerError, "Something went wrong here; the server's log says what.");

    /// <summary>Nothing has that path.</summary>
    public static HttpProblem NoSuchPath { get; } = new(
        StatusCodes.Status404NotFound, InvalidRequest, "There is no such path here; GET /v1/models lists the models.")
    {
        Code = "unknown_path",
    };

    /// <summary>The path is not asked so.</summary>
    /// <param name="allowed">How it is.</param>
    public static HttpProblem WrongMethod(string allowed) => new(
        StatusCodes.Status405MethodNotAllowed, InvalidRequest, $"This path takes {allowed} alone.")
    {
        Code = "method_not_allowed",
    };

    /// <summary>What a client sent, as messages repeat it: its beginning where it is long.</summary>
    public static string Brief(string text) => text.Length > Longest ? text[..Longest] + "..." : text;

    /// <summary>A problem with a field.</summary>
    public static HttpProblemException Invalid(string field, string message) =>
        new(new HttpProblem(StatusCodes.Status400BadRequest, InvalidRequest, message) { Field = field });

    /// <summary>A problem with the request as a whole.</summary>
    public static HttpProblemException Refused(int status, string message, string? code = null) =>
        new(new HttpProblem(status, status < 500 ? InvalidRequest : ServerError, message) { Code = code });

    /// <summary>Why the web server breaks off a body: its own words are for programmers, and name its settings.</summary>
    private static string WordsOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => "The body came too slowly, and was not waited for.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than this server takes.",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "More headers stand after the body than are taken; leave them out.",
        _ => Unreadable,
    };

    /// <summary>Writes it as <c>{"error": {...}}</c>.</summary>
    public void Write(System.Text.Json.Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", Message);
        json.WriteString("type", Type);
        json.WriteString("param", Field);
        json.WriteString("code", Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

/// <summary>Ends a request with a problem.</summary>
/// <param name="problem">The problem.</param>
internal sealed class HttpProblemException(HttpProblem problem) : Exception(problem.Message)
{
    /// <summary>The problem.</summary>
    public HttpProblem Problem => problem;
}
