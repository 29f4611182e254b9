using GgufConcepts.Models;

namespace GgufConcepts.Evaluation;

/// <summary>A set of questions with known answers, put to a model through the runtime. Stateless; any thread.</summary>
/// <remarks>To add one: derive from this in one file, name it in <see cref="EvalCatalog"/>, and put what it asks beside
/// the models, in <c>models/tasks</c>. Questions of one's own need no task: see
/// <see cref="Questions.QuestionFile"/>.</remarks>
public abstract class EvalTask
{
    private protected EvalTask()
    {
    }

    /// <summary>Its name on the command line: one lower-case word.</summary>
    public abstract string Name { get; }

    /// <summary>One line about it.</summary>
    public abstract string Description { get; }

    /// <summary>The models of the catalog that were made for it.</summary>
    public abstract IReadOnlyList<string> Models { get; }

    /// <summary>A word that is one token of every model made for it.</summary>
    private protected abstract string Word { get; }

    /// <summary>Asks a model everything.</summary>
    /// <param name="model">The model; sessions are opened on it.</param>
    /// <param name="options">Strategy, limit, seed.</param>
    /// <param name="progress">Told after every item.</param>
    /// <param name="cancellation">Stops within a step; the rows so far stand.</param>
    /// <returns>A row for every part and strategy, each as soon as it is known.</returns>
    /// <exception cref="ConceptInputException">An option is out of range, the questions are missing, or the model was
    /// not made for this task.</exception>
    public IEnumerable<EvalRow> Run(
        ConceptModel model,
        EvalOptions options,
        IProgress<EvalProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        if (model.Tokenizer.FindMarker(Word) < 0)
        {
            throw new ConceptInputException(
                $"{model.Info.Name} has no token '{Word}', so it was not made for {Name}; use one of " +
                $"{string.Join(", ", Models)}, or leave --model out for all of them.");
        }

        return Ask(model, options, progress, cancellation);
    }

    /// <summary>Asks a model that was made for it; options are in range.</summary>
    private protected abstract IEnumerable<EvalRow> Ask(
        ConceptModel model, EvalOptions options, IProgress<EvalProgress>? progress, CancellationToken cancellation);
}
