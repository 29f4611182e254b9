using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Lens;
using GgufConcepts.Strategies;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>lens PROMPT</c>: the tokens nearest to what every layer holds, for vectors and for tokens side by
/// side.</summary>
internal sealed class LensCommand : Command
{
    private const string About =
        """
        The text to look at.

        A model is a stack of layers. Each takes the state of a position, a
        vector, and adds to it; after the last one a final norm and the output
        matrix make probabilities of the next token of it. A lens applies these
        two after every layer, as if the model ended there (the "logit lens"):
        one sees the answer rise from layer to layer, and the entropy change.
        First comes the prompt's end, then each step in vectors beside the same
        step in tokens. #3 means: third likeliest.

        Its limits: only the last layer was trained to be read so. An earlier
        one may hold what its list does not say, in a form that later layers
        understand and the output matrix does not. A rank that falls is
        telling; odd words in the middle prove nothing.

        The last layer is compared with the model's own distribution each time;
        a model in which the two differ by more than rounding is refused.

          ggufconcepts lens "The capital of France is"
          ggufconcepts lens "The capital of France is" --target Paris --max-steps 0
        """;

    private static readonly LensOptions s_default = new();

    private readonly Argument<string> _prompt = new("PROMPT") { Description = About };

    private readonly Option<int> _maxSteps = new("--max-steps")
    {
        Description = "Most steps after the prompt, beside as many of the likeliest tokens; 0 for the prompt alone.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.MaxSteps,
    };

    private readonly Option<string?> _target = new("--target")
    {
        Description = "Follow this word, which must be one token. Default: at each position what the model says next.",
        HelpName = "WORD",
    };

    private readonly Option<string> _positions = new("--positions")
    {
        Description = "What to show: last (the prompt's last one, and the steps), all, or numbers from 0 such as 0,3-5.",
        HelpName = "last|all|LIST",
        DefaultValueFactory = _ => s_default.Positions.Text,
    };

    private readonly Option<int> _count = CommonOptions.Count("Tokens to list of each layer.", s_default.Count);

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random.",
        HelpName = "N",
    };

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Write what was seen to this file as a page for a browser: layers by positions.",
        HelpName = "FILE.html",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly StrategyArguments _strategy;
    private readonly ModelArguments _model;

    public LensCommand()
        : base("lens", "Show what every layer holds: its likeliest tokens, for vectors and for tokens side by side.")
    {
        Arguments.Add(_prompt);
        foreach (Option option in new Option[] { _maxSteps, _target, _positions, _count, _seed, _html, _json })
        {
            Options.Add(option);
        }

        _strategy = new StrategyArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string prompt = CommonOptions.ReadText(parse, _prompt);
        LensOptions options = ReadOptions(parse);
        string? html = parse.GetValue(_html);
        if (html is not null)
        {
            OutputFile.Check("report", html); // refused now rather than after the work
        }

        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using LogitLens lens = new(loaded.Model);
        Stopwatch clock = Stopwatch.StartNew();
        LensReading reading;
        using (ProgressLine progress = new())
        {
            reading = lens.Look(prompt, options, new LookReport(progress), cancellation);
        }

        if (html is not null)
        {
            LensHtml.Save(loaded.Model.Info, prompt, reading, html);
        }

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new LensDocument(
                TraceModel.Of(loaded.Model.Info),
                prompt,
                reading.PromptTokens,
                options.Positions.Text,
                options.Seed,
                reading.Target,
                reading.LargestDifference,
                reading.Prompt,
                reading.Runs)));
            return ExitCodes.Done;
        }

        IAnsiConsole console = Terminal.Create();
        LensTable.Write(console, reading);
        int positions = reading.Prompt.Count + reading.Runs.Sum(run => run.Positions.Count);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Visible.Text(loaded.Model.Info.Name)}: load {loaded.LoadMilliseconds:F0} ms, {positions} positions of " +
            $"{loaded.Model.Info.LayerCount} layers in {clock.Elapsed.TotalMilliseconds:F0} ms"));
        return ExitCodes.Done;
    }

    private LensOptions ReadOptions(ParseResult parse)
    {
        IStrategy strategy = _strategy.Read(parse, s_default.Strategies[0].Name);
        LensOptions options = new()
        {
            Strategies = strategy is TokenDecoding ? [strategy] : [strategy, new TokenDecoding { Greedy = true }],
            MaxSteps = parse.GetValue(_maxSteps),
            Target = parse.GetValue(_target),
            Positions = LensPositions.Parse(parse.GetValue(_positions)!),
            Count = parse.GetValue(_count),
            Seed = parse.GetValue(_seed),
        };
        return options.FindProblems() is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems))
            : options;
    }

    private sealed class LookReport(ProgressLine line) : IProgress<int>
    {
        public void Report(int value) => line.Show($"looked at {value} positions");
    }
}
