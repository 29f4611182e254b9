using GgufConcepts.Models;

namespace GgufConcepts.Evaluation;

/// <summary>A set of questions with known answers, put to a model through the runtime.</summary>
/// <remarks>To add one: implement this in one file, name it in <see cref="EvalCatalog"/>, and put what it asks beside
/// the models, in <c>models/tasks</c>.</remarks>
public interface IEvalTask
{
    /// <summary>Its name on the command line: one lower-case word.</summary>
    string Name { get; }

    /// <summary>One line about it.</summary>
    string Description { get; }

    /// <summary>The models of the catalog that were made for it.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>Asks a model everything.</summary>
    /// <param name="model">The model; sessions are opened on it.</param>
    /// <param name="options">Strategy, limit, seed.</param>
    /// <param name="progress">Told after every item.</param>
    /// <param name="cancellation">Stops within a step; the rows so far stand.</param>
    /// <returns>A row for every part and strategy, each as soon as it is known.</returns>
    /// <exception cref="ConceptInputException">The questions are missing, or the model is not one for this
    /// task.</exception>
    IEnumerable<EvalRow> Run(
        ConceptModel model,
        EvalOptions options,
        IProgress<EvalProgress>? progress = null,
        CancellationToken cancellation = default);
}
