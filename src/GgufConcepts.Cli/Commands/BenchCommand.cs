using System.CommandLine;
using System.Globalization;
using GgufConcepts.Benchmarking;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>bench</c>: what a step of a thought costs beside a step of plain decoding.</summary>
internal sealed class BenchCommand : Command
{
    private static readonly StepBenchOptions s_default = new();

    private readonly Option<string> _batch = new("--batch")
    {
        Description = "Thoughts that take a step together, in one decode; a list such as 1,4,16 measures each.",
        HelpName = "N,N",
        DefaultValueFactory = _ => "1",
    };

    private readonly Option<int> _steps = new("--steps")
    {
        Description = "Steps of a block.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.Steps,
    };

    private readonly Option<int> _blocks = new("--blocks")
    {
        Description = "Pairs of blocks, token steps and concept steps by turns; more of them make the interval narrower.",
        HelpName = "N",
        DefaultValueFactory = _ => s_default.Blocks,
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly StrategyArguments _strategy;
    private readonly ModelArguments _model;

    public BenchCommand()
        : base("bench",
            """
            Measure what a step of a thought costs beside a step of plain decoding, side by side on the same positions.

              ggufconcepts bench -m model.gguf                        soft, 15 tokens mixed
              ggufconcepts bench --strategy soft,full,hidden --batch 1,4,16 --json
            """)
    {
        foreach (Option option in new Option[] { _batch, _steps, _blocks, _json })
        {
            Options.Add(option);
        }

        _strategy = new StrategyArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        IReadOnlyList<EvalStrategy> strategies = _strategy.ReadMeasured(parse);
        if (strategies.Count == 0 && _strategy.Given(parse) is { Length: > 0 } given)
        {
            throw new ConceptInputException($"Given without --strategy: {given}. Name the strategy, or leave it out.");
        }

        StepBenchOptions options = new()
        {
            Strategies = strategies.Count > 0 ? strategies : s_default.Strategies,
            Batches = ReadBatches(parse.GetValue(_batch)!),
            Steps = parse.GetValue(_steps),
            Blocks = parse.GetValue(_blocks),
        };
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems)); // before a model is loaded
        }

        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        StepBenchReport report;
        using (ProgressLine line = new())
        {
            report = StepBench.Run(loaded.Model, options, new BlockReport(line), cancellation);
        }

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(BenchDocument.Of(report, options)));
        }
        else
        {
            BenchTable.Write(Terminal.Create(), report);
        }

        return ExitCodes.Done;
    }

    private static int[] ReadBatches(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int batch)
            ? batch
            : throw new ConceptInputException($"--batch is '{text}'; write numbers from 1 to 64 with commas between, such as 1,4,16."))];

    private sealed class BlockReport(ProgressLine line) : IProgress<StepBenchProgress>
    {
        public void Report(StepBenchProgress value) => line.Show(string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Strategy}, {value.Batch} at once: {value.Done} of {value.Count} pairs of blocks"));
    }
}
