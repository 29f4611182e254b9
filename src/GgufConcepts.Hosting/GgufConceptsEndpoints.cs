using GgufConcepts.Hosting.Http;
using GgufConcepts.Hosting.Http.Access;
using GgufConcepts.Hosting.Http.Concepts;
using GgufConcepts.Hosting.Http.OpenAi;
using GgufConcepts.Hosting.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>The models of a host over HTTP.</summary>
public static partial class GgufConceptsEndpoints
{
    private const int AfterThose = 1; // in the order of routes, where 0 is usual
    private const int AfterAll = 2;

    /// <summary>Adds what OpenAI's clients ask for (<c>/v1/models</c>, <c>/v1/completions</c>,
    /// <c>/v1/chat/completions</c>), what is ours (<c>/v1/concepts/...</c>), <c>/health</c>, <c>/ready</c> and
    /// <c>/metrics</c>, and at <c>/</c> a page to look at thoughts with.</summary>
    /// <remarks>Each asks by what name it is called, of what origin the page is and what key the client has, as
    /// <see cref="HostedConceptSettings"/> says; the program's other endpoints are let alone.</remarks>
    /// <param name="endpoints">The program's.</param>
    /// <returns>All of them, to be given whatever else they need: authorization, limits, a host name.</returns>
    /// <exception cref="InvalidOperationException"><see cref="GgufConceptsServices.AddGgufConcepts(IServiceCollection)"/> was
    /// not called.</exception>
    public static IEndpointConventionBuilder MapGgufConcepts(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<ModelDirectory>() is not { } models)
        {
            throw new InvalidOperationException($"There are no models; call {nameof(GgufConceptsServices.AddGgufConcepts)} on the services first.");
        }

        AccessGuard guard = new(endpoints.ServiceProvider.GetRequiredService<IOptions<HostedConceptSettings>>().Value);
        RouteGroupBuilder group = endpoints.MapGroup("");
        ((IEndpointConventionBuilder)group).Finally(guard.StandBefore);
        ModelsEndpoint.Map(group, models);
        CompletionsEndpoint.Map(group, models);
        ChatCompletionsEndpoint.Map(group, models);
        StrategiesEndpoint.Map(group);
        ThinkEndpoint.Map(group, models);
        NearestEndpoint.Map(group, models);
        ReadEndpoint.Map(group, models);
        ReportEndpoint.Map(group);
        HealthEndpoints.Map(group, models);
        MetricsEndpoint.Map(group);
        group.MapPage();
        group.Map("/v1/{**path}", context => RefuseAsync(context, HttpProblem.NoSuchPath)).WithOrder(AfterAll);
        return group;
    }

    /// <summary>Adds a handler that answers whatever goes wrong with its status and an error object, and refuses other
    /// methods so.</summary>
    internal static IEndpointConventionBuilder MapAnswering(
        this IEndpointRouteBuilder endpoints, string method, string pattern, Func<HttpContext, Task> handle)
    {
        string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
        string allowed = string.Join(", ", [.. methods, "OPTIONS"]);
        endpoints.Map(pattern, context => AnswerOtherMethodAsync(context, allowed)).WithOrder(AfterThose);
        return endpoints.MapMethods(pattern, methods, new RequestDelegate(context => AnswerAsync(context, handle)));
    }

    /// <summary>Answers with a problem.</summary>
    internal static Task RefuseAsync(HttpContext context, HttpProblem problem)
    {
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        if (problem.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = $"{seconds}";
        }

        ILogger logger = Logger(context);
        string? field = problem.Field?.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '[' or ']') == true
            ? problem.Field
            : null; // a name that nobody knows is the client's text
        (string method, string? path, string code) = (context.Request.Method, RouteOf(context), problem.Code ?? problem.Type);
        Refused(logger, method, path, problem.Status, code, field);
        return JsonBody.WriteAsync(context, problem.Write, problem.Status);
    }

    /// <summary>Tells the log that a client is dropped.</summary>
    internal static void LogDropped(HttpContext context, string reason)
    {
        ILogger logger = Logger(context);
        string? path = RouteOf(context);
        Dropped(logger, path, reason);
    }

    private static Task AnswerOtherMethodAsync(HttpContext context, string allowed)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Origins.TellMethods(context, allowed);
            return Task.CompletedTask;
        }

        context.Response.Headers.Allow = allowed;
        return RefuseAsync(context, HttpProblem.WrongMethod(allowed));
    }

    private static async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> handle)
    {
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (Exception problem) when (context.RequestAborted.IsCancellationRequested || problem is ConnectionResetException or ConnectionAbortedException)
        {
            ILogger logger = Logger(context);
            string? path = RouteOf(context);
            Left(logger, problem, path); // nobody is there to be told
        }
        catch (Exception problem) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, Describe(context, problem)).ConfigureAwait(false);
        }
    }

    /// <summary>What to tell the client of an exception; the log has the rest.</summary>
    internal static HttpProblem Describe(HttpContext context, Exception problem)
    {
        if (HttpProblem.Of(problem) is { } told)
        {
            return told.Field == "prompt" && RouteOf(context) == ChatCompletionsEndpoint.Path
                ? told with { Field = "messages" } // which the prompt is made of
                : told;
        }

        ILogger logger = Logger(context);
        string? path = RouteOf(context);
        Unforeseen(logger, problem, path);
        return HttpProblem.Unforeseen;
    }

    /// <summary>The path as it is mapped: what the client wrote may hold anything.</summary>
    private static string? RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GgufConceptsEndpoints));

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} refused with {Status} {Code}; field: {Field}")]
    private static partial void Refused(ILogger logger, string method, string? path, int status, string code, string? field);

    [LoggerMessage(Level = LogLevel.Information, Message = "The client of {Path} is dropped: {Reason}")]
    private static partial void Dropped(ILogger logger, string? path, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} has left")]
    private static partial void Left(ILogger logger, Exception problem, string? path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private static partial void Unforeseen(ILogger logger, Exception problem, string? path);
}
