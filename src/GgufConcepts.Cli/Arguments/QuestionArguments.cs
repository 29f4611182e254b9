using System.CommandLine;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Cli.Arguments;

/// <summary>The options of <c>eval</c> that are for a file of questions.</summary>
internal sealed class QuestionArguments
{
    private readonly Option<string?> _task = new("--task")
    {
        Description =
            """
            What the file's lines are; without it the first line tells:
            gsm8k: {"question": "...", "answer": "... #### 42"}; compared as numbers
            choice: {"question": "...", "choices": ["...", "..."], "answer": "B" or 1}; also as in ARC and CommonsenseQA
            exact: {"question": "...", "answer": "Paris"}; the first line said, without case, punctuation, articles
            regex: {"question": "...", "pattern": "..."}; with an answer too, what the capture group finds is compared
            A question may also be called prompt or input (then asked as it stands), an answer target or output.
            """,
        HelpName = "gsm8k|choice|exact|regex",
    };

    private readonly Option<string?> _pattern = new("--answer-pattern")
    {
        Description = "A regular expression with one capture group that finds the answer in what was said; makes the task regex.",
        HelpName = "REGEX",
    };

    private readonly Option<string?> _template = new("--prompt-template")
    {
        Description = "The prompt, with {question} and, for choice, {choices} in it; \\n is a line break. " +
            "Default: \"Question: {question}\\nAnswer:\", or with --chat the question alone. Where a model begins its next question in these words, its answer ends.",
        HelpName = "TEXT",
    };

    private readonly Option<int?> _maxSteps = new("--max-steps")
    {
        Description = "Most steps of a thought. [256 for gsm8k, 32 for the rest]",
        HelpName = "N",
    };

    private readonly Option<double?> _stopEntropy = new("--stop-entropy")
    {
        Description = "Stop a thought when the entropy stays below this, in nats; 0 switches that off, and for token it is off. [0.5]",
        HelpName = "H",
    };

    private readonly Option<int?> _stopPatience = new("--stop-patience")
    {
        Description = "Steps in a row that the entropy must stay low. [3]",
        HelpName = "N",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Add a line to this file for every answer, as it is known. The same command again goes on where it ended.",
        HelpName = "RESULTS.jsonl",
    };

    private readonly ChatArguments _chat;
    private readonly AnswerArguments _answer;
    private readonly Option[] _all;

    public QuestionArguments(Command command)
    {
        _all = [_task, _pattern, _template, _maxSteps, _stopEntropy, _stopPatience, _output];
        foreach (Option option in _all)
        {
            command.Options.Add(option);
        }

        int before = command.Options.Count;
        _chat = new ChatArguments(command);
        _answer = new AnswerArguments(command);
        _all = [.. _all, .. command.Options.Skip(before)];
    }

    /// <summary>The names of those that were written on the command line.</summary>
    public string Given(ParseResult parse) => string.Join(
        ", ", _all.Where(option => parse.GetResult(option) is { Implicit: false }).Select(option => option.Name));

    /// <summary>The results file, if one was named.</summary>
    public string? Output(ParseResult parse) => parse.GetValue(_output) is ""
        ? throw new ConceptInputException("--output is empty; name a file.")
        : parse.GetValue(_output);

    /// <summary>Reads the questions.</summary>
    public QuestionSet ReadSet(ParseResult parse, string path) => QuestionFile.Read(
        path,
        parse.GetValue(_task) is { } name ? QuestionFile.Kind(name) : null,
        parse.GetValue(_pattern));

    /// <summary>Adds these options to others.</summary>
    public QuestionOptions Read(ParseResult parse, QuestionOptions others)
    {
        ColdStop usual = new();
        (double? entropy, int? patience) = (parse.GetValue(_stopEntropy), parse.GetValue(_stopPatience));
        TokenDecoding usualAnswer = new ThinkOptions().Answer;
        TokenDecoding answer = _answer.Read(parse, usualAnswer);
        return others with
        {
            Chat = _chat.Read(parse),
            PromptTemplate = parse.GetValue(_template)?.Replace("\\n", "\n", StringComparison.Ordinal),
            MaxSteps = parse.GetValue(_maxSteps),
            AnswerTokens = _answer.Tokens(parse, -1) is >= 0 and int tokens ? tokens : null,
            ColdStop = entropy is null && patience is null
                ? null
                : new ColdStop { Entropy = entropy ?? usual.Entropy, Patience = patience ?? usual.Patience },
            Answer = ReferenceEquals(answer, usualAnswer) ? null : answer,
        };
    }
}
