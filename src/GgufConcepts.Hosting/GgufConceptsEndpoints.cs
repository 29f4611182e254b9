using GgufConcepts.Hosting.Http;
using GgufConcepts.Hosting.Http.Concepts;
using GgufConcepts.Hosting.Http.OpenAi;
using GgufConcepts.Hosting.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Hosting;

/// <summary>The models of a host over HTTP.</summary>
public static partial class GgufConceptsEndpoints
{
    /// <summary>Adds what OpenAI's clients ask for (<c>/v1/models</c>, <c>/v1/completions</c>,
    /// <c>/v1/chat/completions</c>), what is ours (<c>/v1/concepts/...</c>), <c>/health</c>, <c>/ready</c> and
    /// <c>/metrics</c>, and at <c>/</c> a page to look at thoughts with.</summary>
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

        RouteGroupBuilder group = endpoints.MapGroup("");
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
        return group;
    }

    /// <summary>Adds a handler that answers whatever goes wrong with its status and an error object.</summary>
    internal static void MapAnswering(this IEndpointRouteBuilder endpoints, string method, string pattern, Func<HttpContext, Task> handle) =>
        endpoints.MapMethods(pattern, method == "GET" ? ["GET", "HEAD"] : [method], new RequestDelegate(context => AnswerAsync(context, handle)));

    private static async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> handle)
    {
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (Exception problem) when (context.RequestAborted.IsCancellationRequested || problem is ConnectionResetException)
        {
            ILogger logger = Logger(context);
            Left(logger, problem, context.Request.Path); // nobody is there to be told
        }
        catch (Exception problem) when (!context.Response.HasStarted)
        {
            HttpProblem told = Describe(context, problem);
            if (told.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = $"{seconds}";
            }

            await JsonBody.WriteAsync(context, told.Write, told.Status).ConfigureAwait(false);
        }
    }

    /// <summary>What to tell the client of an exception; the log has the rest.</summary>
    internal static HttpProblem Describe(HttpContext context, Exception problem)
    {
        if (HttpProblem.Of(problem) is { } told)
        {
            return told;
        }

        ILogger logger = Logger(context);
        Unforeseen(logger, problem, context.Request.Path);
        return HttpProblem.Unforeseen;
    }

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GgufConceptsEndpoints));

    [LoggerMessage(Level = LogLevel.Debug, Message = "The client of {Path} has left")]
    private static partial void Left(ILogger logger, Exception problem, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private static partial void Unforeseen(ILogger logger, Exception problem, PathString path);
}
