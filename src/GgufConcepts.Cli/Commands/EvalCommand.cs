using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>eval TASK</c>: puts the questions of a task, or of a file of one's own, to models and says how many they
/// answer, by strategy.</summary>
internal sealed partial class EvalCommand : Command
{
    private readonly Argument<string> _task = new("TASK|FILE.jsonl")
    {
        Description = string.Join('\n', EvalCatalog.Tasks.Select(task => $"{task.Name}: {task.Description}")) +
            "\nFILE.jsonl: questions of your own, one JSON object a line (see --task); default strategies: token:greedy=true,soft",
    };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = "Only the first N items of every part, or of the file.",
        HelpName = "N",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Seed of everything random; each item has one of its own, made of this one.",
        HelpName = "N",
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly QuestionArguments _questions;
    private readonly MarkdownArguments _markdown;
    private readonly StrategyArguments _strategy;
    private readonly ModelArguments _model;

    public EvalCommand()
        : base("eval",
            """
            Put a task's questions to the models made for it, or questions of your own to any model; compare strategies.

              ggufconcepts eval gsm8k.jsonl -m model.gguf --strategy token:greedy=true,soft,moi -o results.jsonl
              ggufconcepts eval questions.jsonl --strategy cot,soft-thinking     presets, each with all its settings
              ggufconcepts eval mnns --strategy full,soft:maxTopK=2
            """)
    {
        Arguments.Add(_task);
        foreach (Option option in new Option[] { _limit, _seed, _json })
        {
            Options.Add(option);
        }

        _markdown = new MarkdownArguments(this);
        _questions = new QuestionArguments(this);
        _strategy = new StrategyArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string name = CommonOptions.ReadText(parse, _task);
        _markdown.Check(parse, parse.GetValue(_json));
        if (EvalCatalog.Tasks.FirstOrDefault(task => task.Name == name) is { } task)
        {
            return await RunTaskAsync(parse, task, cancellation);
        }

        return File.Exists(name) || name.AsSpan().ContainsAny('.', '/', '\\')
            ? await RunQuestionsAsync(parse, name, cancellation)
            : throw new ConceptInputException(
                $"No task '{name}'; use one of {string.Join(", ", EvalCatalog.Tasks.Select(task => task.Name))}, " +
                "or a .jsonl file of questions.");
    }

    private async Task<int> RunTaskAsync(ParseResult parse, EvalTask task, CancellationToken cancellation)
    {
        if (_questions.Given(parse) is { Length: > 0 } given)
        {
            throw new ConceptInputException($"Given with {task.Name}: {given}. They are for a file of questions; leave them out.");
        }

        EvalOptions options = ReadOptions(parse);
        IReadOnlyList<string> names = _model.Name(parse) is { } named ? [named] : task.Models;
        List<EvalModel> models = [];
        List<string> tables = [];
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
            tables.Add(EvalMarkdown.Write(task.Name, loaded.Model.Info, rows));
            if (!parse.GetValue(_json) && !_markdown.Prints(parse))
            {
                EvalTable.Write(Terminal.Create(), models[^1]); // as soon as it is known
            }
        }

        _markdown.Write(parse, () => string.Join("\n", tables));
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
        EvalOptions options = new()
        {
            Strategies = ReadStrategies(parse),
            Limit = parse.GetValue(_limit),
            Seed = parse.GetValue(_seed),
        };
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems)); // before a model is loaded
        }

        return options;
    }

    private IReadOnlyList<EvalStrategy> ReadStrategies(ParseResult parse)
    {
        IReadOnlyList<EvalStrategy> strategies = _strategy.ReadMeasured(parse);
        return strategies.Count == 0 && _strategy.Given(parse) is { Length: > 0 } given
            ? throw new ConceptInputException(
                $"Given without --strategy: {given}. Name the strategy, or leave it out for those the task compares.")
            : strategies;
    }

    private sealed class ItemReport(ProgressLine line, string model) : IProgress<EvalProgress>
    {
        public void Report(EvalProgress value) => line.Show(string.Create(
            CultureInfo.InvariantCulture, $"{model}: {value.Part} {value.Strategy} {value.Done} of {value.Count}"));
    }
}
