using System.Globalization;

namespace GgufConcepts.Tracing.Html;

/// <summary>All that was set for a run, as fields of one table.</summary>
internal static class RunFields
{
    /// <summary>The settings, the model, and what a trace says that has no other place.</summary>
    public static IReadOnlyList<Field> Of(Trace trace) =>
    [
        new("", "strategy", trace.Strategy),
        new("", "seed", trace.Seed.ToString(CultureInfo.InvariantCulture)),
        .. OtherFields.Of(trace.Settings),
        new("model", "name", trace.Model.Name),
        new("model", "path", trace.Model.Path),
        new("model", "architecture", trace.Model.Architecture),
        new("model", "embeddingLength", trace.Model.EmbeddingLength.ToString(CultureInfo.InvariantCulture)),
        new("model", "vocabularySize", trace.Model.VocabularySize.ToString(CultureInfo.InvariantCulture)),
        .. OtherFields.Of(trace).Select(field => field with { Group = field.Group.Length > 0 ? $"besides.{field.Group}" : "besides" }),
    ];
}
