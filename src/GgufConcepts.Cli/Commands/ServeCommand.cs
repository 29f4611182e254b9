using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Gguf;
using GgufConcepts.Hosting;
using GgufConcepts.Native;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>serve</c>: models over HTTP, for OpenAI's clients and for ours, with a page to look at.</summary>
internal sealed class ServeCommand : Command
{
    private const string NoTemplate = "none"; // messages as plain text

    private static readonly HostedModelSettings s_default = new();

    private readonly Option<string[]> _models = new("--model", "-m")
    {
        Description = "A model to serve: a GGUF file, or whatever else think --model takes. More than once for several. NAME=MODEL gives it " +
            "the name that requests use. Default: the first that models list shows.",
        HelpName = "[NAME=]MODEL",
    };

    private readonly Option<string> _host = new("--host")
    {
        Description = "The address to listen on.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "The port to listen on; 0 for any that is free.",
        HelpName = "N",
        DefaultValueFactory = _ => 8080,
    };

    private readonly Option<int> _parallel = new("--parallel", "-p")
    {
        Description = $"Thoughts that a model thinks at once, 1 to {ConceptBatch.Largest}.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.Parallel,
    };

    private readonly Option<int> _queue = new("--queue")
    {
        Description = "Requests that may wait for a model; one more is told to try again later.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.QueueLength,
    };

    private readonly Option<int> _deadline = new("--deadline")
    {
        Description = "Seconds that a request may take, its waiting included.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => (int)s_default.Deadline.TotalSeconds,
    };

    private readonly Option<int> _unloadAfter = new("--unload-after")
    {
        Description = "Seconds without a request after which a model is unloaded until the next; 0 for never.",
        HelpName = "SECONDS",
    };

    private readonly Option<string?> _chatTemplate = new("--chat-template")
    {
        Description = "The template to use instead of the model's own, such as chatml; none for messages as plain text.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _acceptVectors = new("--accept-vectors")
    {
        Description = "Let /v1/concepts/read take vectors from outside.",
    };

    private readonly Option<bool> _inProcess = new("--in-process")
    {
        Description = "Run the models in this process, not in one each: what makes llama.cpp abort then ends the server.",
    };

    private readonly Option<int?> _memoryLimit = new("--memory-limit")
    {
        Description = "Megabytes of its own that a model's process may have; weights that stay in the file do not count. Linux alone.",
        HelpName = "MB",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly AccessArguments _access;
    private readonly ModelArguments _model;

    public ServeCommand()
        : base("serve",
            """
            Serve models over HTTP: /v1/models, /v1/completions and /v1/chat/completions as OpenAI's clients expect them, with a
            "concept" object for the thought; /v1/concepts/think for its steps as they happen; a page at / to watch them; /health,
            /ready and /metrics. Ctrl-C or SIGTERM: finish what runs, refuse what comes, end with 0; once more: break off what runs,
            end with 130. Beyond this machine (--host) clients need a key.

              ggufconcepts serve --model atlas
              curl http://127.0.0.1:8080/v1/concepts/think -H 'Content-Type: application/json' -d '{"prompt": "The capital of France is"}'
            """)
    {
        foreach (Option option in (Option[])
            [_models, _host, _port, _parallel, _queue, _deadline, _unloadAfter, _chatTemplate, _acceptVectors, _inProcess, _memoryLimit, _json])
        {
            Options.Add(option);
        }

        _access = new AccessArguments(this);
        _model = new ModelArguments(this, namesOne: false);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ErrorStreamLogger());
        builder.Logging.SetMinimumLevel(_model.WantsLog(parse) ? LogLevel.Debug : LogLevel.Information); // that of processes, too
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // why a model ended it is told below
        builder.WebHost.UseUrls(Url(parse)).ConfigureKestrel(server => server.UseGgufConceptsLimits());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(1)); // longer than DrainLimit
        builder.Services.Configure<HostedConceptSettings>(settings => settings.AcceptVectors = parse.GetValue(_acceptVectors));
        builder.Services.Configure(_access.Read(parse, parse.GetValue(_host)!.Trim('[', ']')));
        AddModels(builder.Services.AddGgufConcepts(), parse);

        using StopSignals signals = new();
        await using WebApplication app = builder.Build();
        app.MapGgufConcepts();
        await StartAsync(app, parse, cancellation).ConfigureAwait(false);
        Announce(app, parse);
        bool isCut = await StopAsync(app, signals.Again).ConfigureAwait(false);
        Exception? problem = app.Services.GetServices<IConceptService>().Select(service => service.Problem).FirstOrDefault(each => each is not null);
        return problem is ConceptInputException ? throw problem
            : problem is not null ? ExitCodes.FailedWhileRunning
            : isCut ? ExitCodes.Cancelled
            : ExitCodes.Done;
    }

    /// <summary>Waits until the host is told to stop, and stops it.</summary>
    /// <returns>Whether what ran was broken off, since somebody did not want to wait for it.</returns>
    private static async Task<bool> StopAsync(WebApplication app, CancellationToken again)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration stopping = app.Lifetime.ApplicationStopping.Register(told.SetResult);
        await told.Task.ConfigureAwait(false);
        try
        {
            await app.StopAsync(again).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (again.IsCancellationRequested)
        {
            // as was asked for
        }

        return again.IsCancellationRequested;
    }

    private void AddModels(GgufConceptsBuilder builder, ParseResult parse)
    {
        _model.UseLog(parse);
        Models.ModelOptions options = _model.Options(parse);
        CheckTemplate(parse.GetValue(_chatTemplate), options);
        if (options.Backend is not null && !parse.GetValue(_inProcess))
        {
            throw new ConceptInputException("Another --backend runs in the server's own process alone; add --in-process.");
        }

        int unloadAfter = Within(parse, _unloadAfter, 0, 86_400);
        long? memory = parse.GetValue(_memoryLimit) switch
        {
            null => null,
            int when parse.GetValue(_inProcess) || !OperatingSystem.IsLinux() => throw new ConceptInputException(
                "--memory-limit is for models' own processes on Linux; leave it out, or --in-process."),
            int megabytes when megabytes >= 64 => megabytes,
            int megabytes => throw new ConceptInputException($"--memory-limit is {megabytes}; use at least 64."),
        };
        foreach ((string name, string? model) in Names(parse.GetValue(_models) ?? []))
        {
            string path = ModelArguments.Find(model).Path;
            using (GgufModelFile.Open(path))
            {
                // no file, or none of these: refused before anybody asks
            }

            AddModel(builder, name, settings =>
            {
                settings.Model = path;
                settings.Load(options);
                settings.Loading = ModelLoading.InBackground;
                settings.Parallel = Within(parse, _parallel, 1, ConceptBatch.Largest);
                settings.QueueLength = Within(parse, _queue, 1, 1 << 16);
                settings.Deadline = TimeSpan.FromSeconds(Within(parse, _deadline, 1, 86_400));
                settings.UnloadAfter = unloadAfter == 0 ? null : TimeSpan.FromSeconds(unloadAfter);
                settings.ChatTemplate = parse.GetValue(_chatTemplate);
                settings.MemoryLimit = memory << 20;
                settings.Isolation = parse.GetValue(_inProcess) ? ModelIsolation.InProcess : ModelIsolation.OwnProcess;
            });
        }
    }

    private static void AddModel(GgufConceptsBuilder builder, string name, Action<HostedModelSettings> configure)
    {
        try
        {
            builder.AddModel(name, configure);
        }
        catch (ArgumentException problem)
        {
            throw new ConceptInputException(
                $"No request could call a model '{name}'; name it with --model NAME=MODEL, in at most 256 characters that can be " +
                "shown, without '..'.", problem);
        }
    }

    /// <summary>Refuses a template that the library here does not know. Another backend's has a list of its own, which it tells
    /// only once it has a model: chats are refused there.</summary>
    private static void CheckTemplate(string? name, Models.ModelOptions options)
    {
        if (name is not (null or NoTemplate) && options.Backend is null && !LlamaChat.Names.Contains(name))
        {
            throw new ConceptInputException(
                $"--chat-template is '{name}'; use {NoTemplate}, or one of {string.Join(", ", LlamaChat.Names)}.");
        }
    }

    /// <summary>The models with the names that requests use: of a file its own without .gguf.</summary>
    private static IEnumerable<(string Name, string? Model)> Names(string[] given)
    {
        HashSet<string> taken = [];
        foreach (string? each in given is [] ? new string?[] { null } : given)
        {
            int equals = each is null || File.Exists(each) ? -1 : each.IndexOf('=', StringComparison.Ordinal);
            string? model = equals >= 0 ? each![(equals + 1)..] : each;
            string name = equals >= 0 ? each![..equals]
                : model is null ? Path.GetFileNameWithoutExtension(ModelArguments.Find(null).Path)
                : Directory.Exists(model) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)))
                : model.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(model)
                : model;
            if (name.Trim().Length == 0 || model is "")
            {
                throw new ConceptInputException($"--model '{each}' lacks a name or a model; write NAME=MODEL, or MODEL alone.");
            }

            yield return taken.Add(name)
                ? (name, model)
                : throw new ConceptInputException($"Two models are called '{name}'; name one of them otherwise: --model NAME={model}.");
        }
    }

    private string Url(ParseResult parse)
    {
        string host = parse.GetValue(_host)!;
        int port = Within(parse, _port, 0, 65_535);
        return Uri.CheckHostName(host) switch
        {
            UriHostNameType.IPv6 => $"http://[{host.Trim('[', ']')}]:{port}",
            UriHostNameType.IPv4 => $"http://{host}:{port}",
            _ when host == "localhost" => $"http://localhost:{port}",
            _ => throw new ConceptInputException($"--host is '{host}'; use an address of this machine, such as 127.0.0.1."),
        };
    }

    private async Task StartAsync(WebApplication app, ParseResult parse, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            throw new ConceptInputException(
                $"Cannot listen on {Url(parse)}: {problem.GetBaseException().Message}; --host and --port name another place.", problem);
        }
    }

    private void Announce(WebApplication app, ParseResult parse)
    {
        string[] urls = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        string[] models = [.. app.Services.GetServices<IConceptService>().Select(service => service.Name)];
        Console.WriteLine(parse.GetValue(_json)
            ? new JsonObject
            {
                ["url"] = urls[0],
                ["models"] = new JsonArray([.. models.Select(model => (JsonNode)model)]),
            }.ToJsonString()
            : $"{string.Join(", ", models)}: {string.Join(", ", urls)}");
    }

    private static int Within(ParseResult parse, Option<int> option, int least, int most) => parse.GetValue(option) is int value
        && value >= least && value <= most
            ? value
            : throw new ConceptInputException($"{option.Name} is {parse.GetValue(option)}; use {least} to {most}.");
}
