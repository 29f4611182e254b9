using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>How the questions of a file are put to a model.</summary>
public sealed record QuestionOptions
{
    /// <summary>The strategies, side by side. The default is the likeliest token, as the control, and
    /// <c>soft</c>.</summary>
    public IReadOnlyList<EvalStrategy> Strategies { get; init; } =
        EvalStrategy.Of([new StrategySpec("token").With([new("greedy", "true")]), new StrategySpec("soft")]);

    /// <summary>Most questions, from the beginning; null for all.</summary>
    /// <value>At least 1.</value>
    public int? Limit { get; init; }

    /// <summary>Seed of everything random; every question has a seed of its own, made of this one, and all strategies
    /// share it.</summary>
    public ulong Seed { get; init; }

    /// <summary>How questions are sent as messages to a chat model; null for texts to continue.</summary>
    public ChatOptions? Chat { get; init; }

    /// <summary>The prompt, with <c>{question}</c> and, for multiple choice, <c>{choices}</c> in it; null for the usual
    /// one.</summary>
    public string? PromptTemplate { get; init; }

    /// <summary>Most steps of a thought; null for what a preset says, or else 256 for <c>gsm8k</c> and 32 for the
    /// rest.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Most tokens of an answer; null for what a preset says, or else 256 for <c>gsm8k</c> and 64 for the
    /// rest.</summary>
    public int? AnswerTokens { get; init; }

    /// <summary>What certainty ends a thought; null for what a preset says, or else the usual one. None ends plain
    /// decoding, <c>token</c>.</summary>
    public ColdStop? ColdStop { get; init; }

    /// <summary>How the answer's tokens are chosen; null for what a preset says, or else the likeliest.</summary>
    public TokenDecoding? Answer { get; init; }

    /// <summary>What a question is thought about with; nobody reads the thought.</summary>
    internal ThinkOptions Think(EvalStrategy strategy, QuestionForm form)
    {
        ThinkOptions standard = strategy.Preset ?? new ThinkOptions { MaxSteps = form.MaxSteps, AnswerTokens = form.AnswerTokens };
        return standard with
        {
            Strategy = strategy.Rule,
            Chat = Chat,
            MaxSteps = MaxSteps ?? standard.MaxSteps,
            AnswerTokens = AnswerTokens ?? standard.AnswerTokens,
            // plain decoding, the control, runs to its own end; ended by certainty it would be another method
            ColdStop = strategy.Rule is TokenDecoding ? new ColdStop { Entropy = 0 } : ColdStop ?? standard.ColdStop,
            Answer = Answer ?? standard.Answer,
            Reader = null,
            Seed = Seed,
        };
    }

    /// <summary>The prompt of one question.</summary>
    internal string Template(Question question, QuestionForm form) =>
        PromptTemplate ?? (question.IsPrompt ? Questions.PromptTemplate.QuestionSlot
            : Chat is not null ? form.ChatTemplate
            : form.Template);

    /// <summary>Lists every rule these values break for such questions, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems(QuestionKind kind)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of question.");
        }

        QuestionForm form = QuestionForm.Of(kind);
        return
        [
            .. Strategies.Count == 0 ? (string[])["No strategy is named; name at least one."] : [],
            .. Limit < 1 ? (string[])[$"The limit is {Limit}; use at least 1, or leave it out for everything."] : [],
            .. MaxSteps == 0 ? (string[])["The step limit is 0; use at least 1: without a thought all strategies are one."] : [],
            .. PromptTemplate is { } template ? Questions.PromptTemplate.FindProblems(template, kind) : [],
            .. Strategies.GroupBy(strategy => strategy.Label).Where(same => same.Count() > 1)
                .Select(same => $"The strategy '{same.Key}' is named twice; name it once."),
            .. Strategies.SelectMany(strategy => Think(strategy, form).FindProblems()).Distinct(),
        ];
    }
}
