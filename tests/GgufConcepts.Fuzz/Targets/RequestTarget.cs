using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Hosting;
using GgufConcepts.Stores;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Requests: every endpoint that takes a body, up to where a model is needed, and what a request's texts are
/// parsed by.</summary>
/// <remarks>The input's first byte says which of these, the rest is the body or the text.</remarks>
internal sealed class RequestTarget : FuzzTarget
{
    private static readonly string[] s_words =
    [
        .. "model messages role content system user assistant developer type text name tool_calls tools prompt stream stream_options include_usage max_tokens max_completion_tokens temperature top_p top_k min_p stop seed n best_of logprobs top_logprobs logit_bias response_format reasoning_effort concept strategy preset maxSteps fixedLength stopEntropy stopPatience chunk thinkStart thinkEnd reader answer maxTokens greedy topK topP minP maxTopK chat template history draw repeat readings faithfulness controls other nearest count width vectors first second soft moi noisy hidden high low none tiny machine"
            .Split(' ').Select(word => $"\"{word}\""),
    ];

    private readonly WebApplication _app;
    private readonly RequestDelegate[] _endpoints;
    private readonly RequestDelegate _findModel;
    private readonly Failures _failures = new();

    public RequestTarget()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore(); // which is never started
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.AddProvider(_failures));
        builder.Services.AddGgufConcepts();
        builder.Services.Configure<HostedConceptSettings>(settings => settings.AcceptVectors = true);
        builder.Services.Configure<HostedModelSettings>(AbsentModel.Called, settings => settings.Model = "tiny.gguf");
        builder.Services.AddSingleton<IConceptService>(new AbsentModel());
        _app = builder.Build();
        _app.MapGgufConcepts();
        RouteEndpoint[] all = [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];
        _endpoints =
        [
            .. all.Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
                .OrderBy(endpoint => endpoint.RoutePattern.RawText, StringComparer.Ordinal)
                .Select(endpoint => endpoint.RequestDelegate!),
        ];
        _findModel = all.First(endpoint => endpoint.RoutePattern.Parameters is [{ Name: "id" }]).RequestDelegate!;
    }

    public override string Name => "request";

    public override IReadOnlyList<string> Words => [.. s_words, "hf:", "ollama:", "lmstudio:", ".gguf", "..", "soft:maxTopK=4,", "@"];

    public override IMutation Structure { get; } = new JsonMutation(s_words);

    public override IEnumerable<byte[]> MakeSeeds()
    {
        foreach (string body in s_bodies)
        {
            for (int i = 0; i < _endpoints.Length; i++)
            {
                yield return Bytes($"{(char)('a' + i)}{body}");
            }
        }

        foreach (string settings in (string[])[ThinkOptionsText(new ThinkOptions()), "{\"preset\":\"soft\"}", "{\"strategy\":\"soft:maxTopK=4\",\"temperature\":0.5}"])
        {
            yield return Bytes($"T{settings}");
        }

        foreach (string text in (string[])["Ssoft:maxTopK=2,temperature=0.6,moi", "Mhf:org/repo:Q4_K_M", "Mhf:org/repo/f.gguf@main",
            "Mollama:host/space/name:tag", "Mlmstudio:a/b/c.gguf", "Matlas", "M./a.gguf", "Itiny", "I../x"])
        {
            yield return Bytes(text);
        }
    }

    public override void Run(byte[] input)
    {
        byte kind = input.FirstOrDefault();
        byte[] body = input.Length == 0 ? input : input[1..];
        switch (kind)
        {
            case (byte)'T': ReadSettings(body); break;
            case (byte)'S': Accepts(() => ReadStrategies(Text(body))); break;
            case (byte)'M': Accepts(() => ReadReference(Text(body))); break;
            case (byte)'I': Ask(_findModel, [], Text(body)); break;
            default: Ask(_endpoints[(kind + _endpoints.Length - ('a' % _endpoints.Length)) % _endpoints.Length], body, null); break;
        }
    }

    public override void Dispose()
    {
        ((IDisposable)_app).Dispose();
        base.Dispose();
    }

    private void Ask(RequestDelegate endpoint, byte[] body, string? id)
    {
        DefaultHttpContext context = new() { RequestServices = _app.Services };
        context.Request.Method = id is null ? "POST" : "GET";
        context.Request.Host = new HostString("localhost");
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(body);
        context.Request.RouteValues["id"] = id;
        context.Response.Body = new MemoryStream();
        endpoint(context).GetAwaiter().GetResult();
        _failures.Rethrow();
        Promise(
            context.Response.StatusCode is 200 or (>= 400 and < 500 and not StatusCodes.Status421MisdirectedRequest)
                or StatusCodes.Status503ServiceUnavailable, // 421: it came no further than its host's name
            $"A request is answered with {context.Response.StatusCode}.");
        Promise(context.Response.Body.Length > 0, "A request is answered with nothing.");
    }

    private static void ReadSettings(byte[] body)
    {
        if (Parse(body) is not { } settings)
        {
            return;
        }

        ThinkOptions? options = null;
        if (Accepts(() => options = ThinkSettings.Read(settings)))
        {
            string text = ThinkOptionsText(options!);
            Promise(
                Accepts(() => Promise(ThinkOptionsText(ThinkSettings.Read(Parse(Bytes(text))!)) == text, "Settings change when they are written and read.")),
                "Settings are refused once they are written.");
        }
    }

    private static void ReadStrategies(string text)
    {
        foreach (StrategySpec spec in StrategySpec.ParseList(text))
        {
            Accepts(() => StrategyCatalog.Standard.Make(spec));
        }
    }

    private static void ReadReference(string text)
    {
        ModelReference reference = ModelReference.Parse(text);
        Promise(
            Accepts(() => Promise(ModelReference.Parse(reference.ToString()) == reference, "A model's name means another model once it is written.")),
            "A model's name is refused once it is written.");
        string?[] parts = reference switch
        {
            ModelReference.HuggingFace hub => [hub.Repository, hub.File, hub.Quantisation, hub.Revision],
            ModelReference.Ollama ollama => [ollama.Host, ollama.Namespace, ollama.Name, ollama.Tag],
            ModelReference.LmStudio studio => [studio.Publisher, studio.Model, studio.File],
            _ => [],
        };
        Promise(
            parts.OfType<string>().All(part => !part.Split('/', '\\').Any(step => step is "" or "." or "..") && !part.Contains('\0')),
            "A model's name leads out of its folder.");
    }

    /// <summary>As a batch writes them.</summary>
    private static string ThinkOptionsText(ThinkOptions options)
    {
        JsonObject settings = options.Settings;
        settings["strategy"] = options.Strategy.Name;
        settings["seed"] = options.Seed;
        return settings.ToJsonString();
    }

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException) // the latter: half a character in a name
        {
            return null;
        }
    }

    private static string Text(byte[] body) => System.Text.Encoding.UTF8.GetString(body);

    private static readonly string[] s_bodies =
    [
        """
        {"model":"tiny","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hello"}]}],"max_tokens":4,"temperature":0.5,"top_p":0.9,"stop":["\n"],"stream":false,"n":2,"seed":-1,"logprobs":true,"top_logprobs":2,"stream_options":{"include_usage":true},"reasoning_effort":"low","response_format":{"type":"text"}}
        """,
        """
        {"prompt":["One","Two"],"max_tokens":4,"logprobs":2,"best_of":1,"echo":false,"concept":{"strategy":"soft:maxTopK=4","maxSteps":2,"chunk":2,"reader":{"prompt":"It is {0}","readings":2,"draw":{"topK":4}},"answer":{"maxTokens":2,"stop":"x","greedy":true},"chat":{"template":"chatml","system":"s","history":[{"role":"user","text":"t"}]}}}
        """,
        """{"prompt":"One","stream":false,"nearest":3,"seed":18446744073709551615,"concept":{"preset":"soft"}}""",
        """{"count":1,"width":2,"vectors":"AACAPwAAgD8=","prompt":"It is {0}","text":"x","tokens":[1],"steps":[]}""",
        GgufConcepts.Tracing.TraceJson.Write(TraceSeeds.Full),
        $"{{\"first\":{GgufConcepts.Tracing.TraceJson.Write(TraceSeeds.Full)},\"second\":{GgufConcepts.Tracing.TraceJson.Write(TraceSeeds.All[1])}}}",
    ];

    /// <summary>Keeps what the host would log as its own failure.</summary>
    private sealed class Failures : ILoggerProvider, ILogger
    {
        private Exception? _last;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _last = exception ?? new BrokenPromiseException(formatter(state, exception));

        public void Rethrow()
        {
            if (Interlocked.Exchange(ref _last, null) is { } problem)
            {
                ExceptionDispatchInfo.Throw(problem);
            }
        }

        public void Dispose()
        {
        }
    }
}
