using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Models;

namespace GgufConcepts.Evaluation;

/// <summary>What tasks are made of: JSON files in <c>tasks</c>, beside the models, and models that fit them.</summary>
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

    /// <summary>Refuses a model that does not know a word of the task as one token.</summary>
    public static void RequireToken(ConceptModel model, string word, IEvalTask task)
    {
        if (model.Tokenizer.FindMarker(word) < 0)
        {
            throw new ConceptInputException(
                $"{model.Info.Name} has no token '{word}', so it was not made for {task.Name}; use one of " +
                $"{string.Join(", ", task.Models)}, or leave --model out for all of them.");
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
