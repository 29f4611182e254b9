using GgufConcepts.Lens.Html;
using GgufConcepts.Models;

namespace GgufConcepts.Lens;

/// <summary>What a lens saw as a page for people: one file that loads nothing from anywhere, for screen, paper and
/// screen
/// reader.</summary>
public static class LensHtml
{
    /// <summary>The page.</summary>
    /// <param name="model">The model that was looked into.</param>
    /// <param name="prompt">The prompt as it was given.</param>
    /// <param name="reading">What was seen.</param>
    public static string Write(ModelInfo model, string prompt, LensReading reading)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(reading);
        using StringWriter writer = new();
        LensPage.Make(model, prompt, reading).WriteTo(writer);
        return writer.ToString();
    }

    /// <summary>Writes the page to a file, whole or not at all.</summary>
    /// <param name="model">The model that was looked into.</param>
    /// <param name="prompt">The prompt as it was given.</param>
    /// <param name="reading">What was seen.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="ConceptInputException">The file cannot be written.</exception>
    public static void Save(ModelInfo model, string prompt, LensReading reading, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(reading);
        ArgumentNullException.ThrowIfNull(path);
        LensPage.Make(model, prompt, reading).Save(path);
    }
}
