using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>eval TASK</c>: puts a task's questions to models and says how many they answer, by strategy.</summary>
internal sealed class EvalCommand : Command
{
    private readonly Argument<string> _task = new("TASK")
    {
        Description = string.Join('\n', EvalCatalog.Tasks.Select(task => $"{task.Name}: {task.Description}")),
    };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "Only the first N items of every part.",
        HelpName = "N",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random.",
        HelpName = "N",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly StrategyArguments _strategy;
    private readonly ModelArguments _model;

    public EvalCommand()
        : base("eval", "Put a task's questions to the models made for it, or to --model; count right answers by strategy.")
    {
        Arguments.Add(_task);
        foreach (Option option in new Option[] { _limit, _seed, _json })
        {
            Options.Add(option);
        }

        _strategy = new StrategyArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        EvalTask task = EvalCatalog.Find(CommonOptions.ReadText(parse, _task));
        EvalOptions options = ReadOptions(parse);
        IReadOnlyList<string> names = _model.Name(parse) is { } named ? [named] : task.Models;
        List<EvalModel> models = [];
        foreach (string name in names)
        {
            using LoadedModel loaded = await _model.OpenAsync(parse, name, cancellation);
            List<EvalRow> rows = [];
            using (ProgressLine line = new())
            {
                foreach (EvalRow row in task.Run(loaded.Model, options, new ItemReport(line, name), cancellation))
                {
                    rows.Add(row);
                }
            }

            models.Add(new EvalModel(TraceModel.Of(loaded.Model.Info), rows));
            if (!parse.GetValue(_json))
            {
                EvalTable.Write(Terminal.Create(), models[^1]); // as soon as it is known
            }
        }

        if (parse.GetValue(_json))
        {
            await Console.Out.WriteLineAsync(Documents.Write(new EvalDocument(
                task.Name,
                task.Description,
                [.. options.Strategies.Select(strategy => new EvalSettings(strategy.Label, strategy.Rule.Settings))],
                options.Limit,
                options.Seed,
                models)));
        }

        return ExitCodes.Done;
    }

    private EvalOptions ReadOptions(ParseResult parse)
    {
        IReadOnlyList<EvalStrategy> strategies = EvalStrategy.Of(_strategy.ReadList(parse));
        if (strategies.Count == 0 && _strategy.Given(parse) is { Length: > 0 } given)
        {
            throw new ConceptInputException(
                $"Given without --strategy: {given}. Name the strategy, or leave it out for those the task compares.");
        }

        EvalOptions options = new()
        {
            Strategies = strategies,
            Limit = parse.GetValue(_limit),
            Seed = parse.GetValue(_seed),
        };
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems)); // before a model is loaded
        }

        return options;
    }

    private sealed class ItemReport(ProgressLine line, string model) : IProgress<EvalProgress>
    {
        public void Report(EvalProgress value) => line.Show(string.Create(
            CultureInfo.InvariantCulture, $"{model}: {value.Part} {value.Strategy} {value.Done} of {value.Count}"));
    }
}
