using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>eval FILE.jsonl</c>.</summary>
internal sealed partial class EvalCommand
{
    private async Task<int> RunQuestionsAsync(ParseResult parse, string path, CancellationToken cancellation)
    {
        QuestionSet set = _questions.ReadSet(parse, path);
        QuestionOptions options = ReadQuestionOptions(parse, set);
        string? output = _questions.Output(parse);
        int asked = Math.Min(options.Limit ?? int.MaxValue, set.Questions.Count);
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        List<QuestionResult> results = [];
        try
        {
            using ProgressLine line = new();
            EvalBar bar = new(line, asked * options.Strategies.Count);
            foreach (QuestionResult result in QuestionRun.Run(loaded.Model, set, options, output, cancellation))
            {
                results.Add(result);
                bar.Add(result);
            }
        }
        catch (OperationCanceledException) when (output is not null)
        {
            await Console.Error.WriteLineAsync(
                $"{results.Count} of {asked * options.Strategies.Count} answers are in {output}; " +
                "the same command again goes on from there.");
            throw;
        }

        IReadOnlyList<StrategySummary> strategies = StrategySummary.Of(set, options, results);
        _markdown.Write(parse, () => EvalMarkdown.Write(set, options, loaded.Model.Info, strategies));
        if (parse.GetValue(_json))
        {
            await Console.Out.WriteLineAsync(Documents.Write(new QuestionsDocument(
                set.Kind.ToString().ToLowerInvariant(),
                set.Path,
                set.Sha256,
                set.Questions.Count,
                options.PromptTemplate,
                set.AnswerPattern,
                options.Limit,
                options.Seed,
                TraceModel.Of(loaded.Model.Info),
                output,
                strategies)));
        }
        else if (!_markdown.Prints(parse))
        {
            QuestionTable.Write(Terminal.Create(), loaded.Model.Info, set, asked, strategies);
        }

        return ExitCodes.Done;
    }

    private QuestionOptions ReadQuestionOptions(ParseResult parse, QuestionSet set)
    {
        QuestionOptions options = _questions.Read(
            parse, new QuestionOptions { Limit = parse.GetValue(_limit), Seed = parse.GetValue(_seed) });
        if (ReadStrategies(parse) is { Count: > 0 } strategies)
        {
            options = options with { Strategies = strategies };
        }

        return options.FindProblems(set.Kind) is { Count: > 0 } problems
            ? throw new ConceptInputException(string.Join(" ", problems)) // before a model is loaded
            : options;
    }
}
