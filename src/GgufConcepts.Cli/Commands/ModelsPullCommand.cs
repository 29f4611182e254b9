using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Downloads;
using GgufConcepts.Stores;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>models pull NAME</c>: fetches a model into the cache that all programs share.</summary>
internal sealed class ModelsPullCommand : Command
{
    private const long AsksFrom = 100_000_000;

    private readonly Argument<string> _name = new("MODEL")
    {
        Description = "A name that models list shows, or hf:org/repo[:QUANT][/FILE.gguf][@REV].",
    };

    private readonly Option<bool> _yes = new("--yes", "-y")
    {
        Description = "Do not ask before more than 100 MB are fetched.",
    };

    private readonly Option<bool> _offline = new("--offline")
    {
        Description = "Use no network: say where the model is, or fail. HF_HUB_OFFLINE=1 does the same.",
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public ModelsPullCommand()
        : base(
            "pull",
            """
            Fetch a model from the Hugging Face hub into its cache, where other programs find it too.

              ggufconcepts models pull gpt2
              ggufconcepts models pull hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M

            What a broken-off pull had fetched is kept; the same command goes on from there. HF_TOKEN is sent to the hub and
            nowhere else; HF_ENDPOINT names another hub, HF_HOME or HF_HUB_CACHE another place.
            """)
    {
        Arguments.Add(_name);
        Options.Add(_yes);
        Options.Add(_offline);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string name = parse.GetValue(_name)!;
        CatalogEntry? entry = ModelCatalog.Find().Entries.FirstOrDefault(entry => entry.Name == name);
        ModelReference.HuggingFace reference = entry is { Source: null }
            ? throw new ConceptInputException($"{name} travels along; there is nothing to pull.")
            : ModelReference.Parse(entry?.Source ?? name) as ModelReference.HuggingFace
                ?? throw new ConceptInputException(
                    $"'{name}' is not on the Hugging Face hub; name hf:org/repo, or one of " +
                    $"{string.Join(", ", ModelCatalog.Find().Entries.Where(known => known.Source is not null).Select(known => known.Name))}.");

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        HuggingFaceCache cache = ModelStores.HuggingFace(Environment.GetEnvironmentVariable, home);
        HubEndpoint endpoint = HubEndpoint.From(Environment.GetEnvironmentVariable, home);
        if ((parse.GetValue(_offline) || endpoint.Offline)
            && ModelStores.OfThisMachine().Select(store => store.Find(reference)).FirstOrDefault(found => found is not null) is { } here)
        {
            return Write(parse, new PulledDocument(name, here.Path, here.Bytes, Fetched: 0, Commit: null));
        }

        using ModelPuller puller = new(endpoint with { Offline = endpoint.Offline || parse.GetValue(_offline) }, cache);
        PullPlan plan = await puller.PlanAsync(reference, entry?.Sha256, cancellation);
        await ConfirmAsync(parse, name, plan, cancellation);
        using ProgressLine line = new();
        string path = await puller.PullAsync(plan, new PullReport(line, name), cancellation);
        return Write(parse, new PulledDocument(name, path, plan.Bytes, plan.Missing, plan.Commit));
    }

    private int Write(ParseResult parse, PulledDocument pulled)
    {
        Console.Out.WriteLine(parse.GetValue(_json) ? Documents.Write(pulled) : pulled.Path);
        return ExitCodes.Done;
    }

    private async Task ConfirmAsync(ParseResult parse, string name, PullPlan plan, CancellationToken cancellation)
    {
        if (plan.Missing <= AsksFrom || parse.GetValue(_yes))
        {
            return;
        }

        string size = ByteSize.Text(plan.Missing);
        if (Console.IsInputRedirected)
        {
            throw new ConceptInputException($"{name} is {size} to fetch; say --yes if that is all right.");
        }

        await Console.Error.WriteAsync($"Fetch {size} for {name}? [y/N] ");
        string? answer = await Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellation); // so that Ctrl-C is heard
        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new OperationCanceledException();
        }
    }
}
