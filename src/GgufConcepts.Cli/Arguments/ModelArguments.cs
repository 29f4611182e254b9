using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Stores;

namespace GgufConcepts.Cli.Arguments;

/// <summary>The options of every command that loads a model.</summary>
internal sealed class ModelArguments
{
    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "A GGUF file (of a split set, any part), a folder with one, or a name that models list shows. " +
            "Default: the first of those.\n" +
            "hf:org/repo[:QUANT][@REV], hf:org/repo/FILE.gguf[@REV]: from the caches of Hugging Face and llama.cpp\n" +
            "ollama:NAME[:TAG]: what Ollama pulled\n" +
            "lmstudio:PUBLISHER/MODEL[/FILE.gguf]: what LM Studio pulled",
        HelpName = "FILE.gguf|NAME",
    };

    private readonly Option<int?> _context = new("--context")
    {
        Description = "Positions a sequence can hold. Default: what the model was trained on, at most 4096.",
        HelpName = "N",
    };

    private readonly Option<string> _gpu = new("--gpu")
    {
        Description = "Layers on the graphics card: auto (as many as fit, where there is one), off, all, or a number.",
        HelpName = "auto|off|all|N",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _device = new("--device")
    {
        Description = "Graphics cards to use, by the names that doctor lists, such as CUDA0 or Vulkan0,Vulkan1. Default: all.",
        HelpName = "NAME,NAME",
    };

    private readonly Option<string?> _splitMode = new("--split-mode")
    {
        Description = "How several cards share a model: layer (each has some layers), row, or none (one has all). [layer]",
        HelpName = "layer|row|none",
    };

    private readonly Option<string?> _backend = new("--backend")
    {
        Description = $"What loads the model and computes: {string.Join(" or ", Backends.Names)}. [{Backends.Own}]",
        HelpName = "NAME",
    };

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads that compute. Default: one a physical core, fewer for a small model.",
        HelpName = "N",
    };

    private readonly Option<bool> _allowApproximate = new("--allow-approximate")
    {
        Description = "Feed vectors even to a model that treats tokens differently (see doctor).",
    };

    private readonly Option<bool> _verbose = new("--verbose")
    {
        Description = "Show llama.cpp's own log on standard error.",
    };

    /// <param name="command">The command that gets the options.</param>
    /// <param name="namesOne">Whether <c>--model</c> is among them; else the command has one of its own.</param>
    public ModelArguments(Command command, bool namesOne = true)
    {
        foreach (Option option in (Option[])
            [.. namesOne ? [_model] : Array.Empty<Option>(), _context, _gpu, _device, _splitMode, _backend, _threads, _allowApproximate, _verbose])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether there is a model to load: one was named, or one travels along.</summary>
    public bool HasModel(ParseResult parse) => parse.GetValue(_model) is not null || 
        ModelCatalog.Find().Entries.Any(entry => entry.Source is null);

    /// <summary>What <c>--model</c> says; null where it was left out.</summary>
    public string? Name(ParseResult parse) => parse.GetValue(_model) is ""
        ? throw new ConceptInputException("--model is empty; name a .gguf file.")
        : parse.GetValue(_model);

    /// <summary>What <c>--backend</c> says; null for the llama.cpp that comes along.</summary>
    public IModelBackend? Backend(ParseResult parse) => Backends.Of(parse.GetValue(_backend));

    /// <summary>Loads the model that was asked for, with progress on standard error.</summary>
    public Task<LoadedModel> OpenAsync(ParseResult parse, CancellationToken cancellation) =>
        OpenAsync(parse, Name(parse), cancellation);

    /// <summary>Loads a model with the other options as they were given.</summary>
    /// <param name="parse">The options.</param>
    /// <param name="name">Any <see cref="ModelReference"/>; null for the catalog's first model.</param>
    /// <param name="cancellation">Stops the loading.</param>
    /// <param name="checkTensors">Whether to look at every weight first.</param>
    public async Task<LoadedModel> OpenAsync(
        ParseResult parse, string? name, CancellationToken cancellation, bool checkTensors = false)
    {
        ModelOptions options = Options(parse) with { CheckTensors = checkTensors };
        FoundModel found = Find(name);
        UseLog(parse);
        Stopwatch clock = Stopwatch.StartNew();
        using ProgressLine progress = new();
        ConceptModel model = await ConceptModel.LoadAsync(
            found.Path, options, new LoadReport(progress), cancellation).ConfigureAwait(false);
        if (model.Gpu is { } gpu)
        {
            progress.Dispose();
            Console.Error.WriteLine($"gpu: {gpu}");
        }

        return new LoadedModel(model, clock.Elapsed.TotalMilliseconds);
    }

    /// <summary>How models are to be loaded.</summary>
    public ModelOptions Options(ParseResult parse)
    {
        int? threads = parse.GetValue(_threads);
        if (threads > Environment.ProcessorCount)
        {
            Console.Error.WriteLine(
                $"--threads is {threads}, and there are {Environment.ProcessorCount} processors: " +
                "threads wait for each other many times a step, so that more of them make it slower.");
        }

        return new ModelOptions
        {
            ContextLength = parse.GetValue(_context),
            GpuLayers = GpuLayers(parse.GetValue(_gpu)!),
            Devices = parse.GetValue(_device)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            SplitMode = SplitMode(parse.GetValue(_splitMode)),
            Backend = Backend(parse),
            Threads = threads,
            AllowApproximate = parse.GetValue(_allowApproximate),
        };
    }

    /// <summary>Finds a model, and says so where another store has one of that name too.</summary>
    /// <param name="name">Any <see cref="ModelReference"/>; null for the catalog's first model.</param>
    public static FoundModel Find(string? name)
    {
        FoundModel found = ModelFinder.OfThisMachine().Find(name);
        foreach (StoredModel other in found.AlsoIn)
        {
            Console.Error.WriteLine($"{name} is in {found.Store} and in {other.Store}; taking {found.Path}, not {other.Path}.");
        }

        return found;
    }

    /// <summary>What was asked of the machine, for a trace.</summary>
    public JsonObject Settings(ParseResult parse) => new()
    {
        ["gpu"] = parse.GetValue(_gpu),
        ["device"] = parse.GetValue(_device),
        ["splitMode"] = parse.GetValue(_splitMode) ?? "layer",
        ["backend"] = parse.GetValue(_backend) ?? Backends.Own,
        ["threads"] = parse.GetValue(_threads),
        ["allowApproximate"] = parse.GetValue(_allowApproximate),
    };

    /// <summary>Whether llama.cpp's log was asked for.</summary>
    public bool WantsLog(ParseResult parse) => parse.GetValue(_verbose);

    /// <summary>Sends llama.cpp's log to standard error where that was asked for.</summary>
    public void UseLog(ParseResult parse)
    {
        if (WantsLog(parse))
        {
            NativeLog.SetLogger(new ErrorStreamLogger());
        }
    }

    private static int? GpuLayers(string value) => value switch
    {
        "auto" => null,
        "off" => 0,
        "all" => ModelOptions.AllLayers,
        _ when int.TryParse(value, out int layers) && layers >= 0 => layers,
        _ => throw new ConceptInputException($"--gpu is '{value}'; use auto, off, all, or a number of layers."),
    };

    private static LlamaSplitMode SplitMode(string? value) => value switch
    {
        null or "layer" => LlamaSplitMode.Layer,
        "row" => LlamaSplitMode.Row,
        "none" => LlamaSplitMode.None,
        _ => throw new ConceptInputException($"--split-mode is '{value}'; use layer, row or none."),
    };

    private sealed class LoadReport(ProgressLine line) : IProgress<float>
    {
        public void Report(float value) => line.Show($"loading {value:P0}");
    }
}

/// <summary>A loaded model and the time that took.</summary>
internal sealed record LoadedModel(ConceptModel Model, double LoadMilliseconds) : IDisposable
{
    public void Dispose() => Model.Dispose();
}
