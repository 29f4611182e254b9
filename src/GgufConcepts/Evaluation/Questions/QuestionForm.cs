using System.Text.Json;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>One kind of question: how its lines are read, how it is asked, how an answer is found and judged.
/// Stateless; any thread.</summary>
internal abstract class QuestionForm
{
    /// <summary>Every kind, those that are surest to be recognised first.</summary>
    public static IReadOnlyList<QuestionForm> All { get; } = [new ChoiceForm(), new RegexForm(), new Gsm8kForm(), new ExactForm()];

    public abstract QuestionKind Kind { get; }

    /// <summary>Its name on the command line.</summary>
    public string Name => Kind.ToString().ToLowerInvariant();

    /// <summary>What a line looks like, for those who wrote it otherwise.</summary>
    public abstract string Shape { get; }

    /// <summary>How it is asked unless someone says otherwise: in completion form.</summary>
    public virtual string Template => "Question: {question}\nAnswer:";

    /// <summary>How it is asked in a message.</summary>
    public virtual string ChatTemplate => PromptTemplate.QuestionSlot;

    /// <summary>Most steps of a thought unless someone says otherwise.</summary>
    public virtual int MaxSteps => 32;

    /// <summary>Most tokens of an answer unless someone says otherwise.</summary>
    public virtual int AnswerTokens => 64;

    /// <summary>Whether a line looks like this kind.</summary>
    public abstract bool Fits(JsonElement line);

    /// <summary>Reads a line.</summary>
    /// <exception cref="ConceptInputException">It is not of this kind; says where and why.</exception>
    public abstract Question Read(QuestionLine line);

    /// <summary>Judges what was said; <paramref name="said"/> has at least one visible character.</summary>
    public abstract Verdict Judge(Question question, Said said);

    public static QuestionForm Of(QuestionKind kind) => All.First(form => form.Kind == kind);

    /// <summary>Finds a kind by its name.</summary>
    /// <exception cref="ConceptInputException">There is none of that name.</exception>
    public static QuestionForm Find(string name) => All.FirstOrDefault(form => form.Name == name)
        ?? throw new ConceptInputException($"--task is '{name}'; use gsm8k, choice, exact or regex.");
}
