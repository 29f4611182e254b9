using GgufConcepts.Stores;

namespace GgufConcepts.Batches;

/// <summary>What a batch calls a model, so that machines that keep it in different places mean the same one.</summary>
public static class BatchModel
{
    private const string Ending = ".gguf";

    /// <summary>The name for what <c>--model</c> says: of a file its own without the ending, of anything else just
    /// that.</summary>
    /// <param name="model">A path or another <see cref="ModelReference"/>.</param>
    /// <exception cref="ConceptInputException">It is no reference.</exception>
    public static string NameOf(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelReference reference = File.Exists(model) ? new ModelReference.OnDisk(model) : ModelReference.Parse(model);
        if (reference is not ModelReference.OnDisk path)
        {
            return model;
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path.Path));
        return name.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) && name.Length > Ending.Length ? name[..^Ending.Length] : name;
    }
}
