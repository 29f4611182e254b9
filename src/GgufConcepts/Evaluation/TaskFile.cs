using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Stores;

namespace GgufConcepts.Evaluation;

/// <summary>What tasks ask: JSON files in <c>tasks</c>, beside the models.</summary>
internal static class TaskFile
{
    /// <summary>Reads the questions of a task.</summary>
    /// <exception cref="ConceptInputException">The file is not there or cannot be read.</exception>
    public static T Read<T>(string name, JsonTypeInfo<T> form)
        where T : class
    {
        string path = ModelCatalog.Find().PathOf(Path.Combine("tasks", name));
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, form) ?? throw new JsonException("It holds null.");
        }
        catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ConceptInputException(
                $"{path} cannot be read: {problem.Message.ReplaceLineEndings(" ")} Restore it.", problem);
        }
    }
}

/// <summary>Generated serializers.</summary>
[JsonSerializable(typeof(MnnsSplit))]
[JsonSerializable(typeof(ReachProblems))]
[JsonSerializable(typeof(AtlasQuestions))]
[JsonSerializable(typeof(Dictionary<string, JsonElement[][]>))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class TaskFiles : JsonSerializerContext;
