using System.Text.Json;
using System.Text.Json.Serialization;

namespace GgufConcepts.Gguf;

/// <summary>What a training recipe says about the model it made: <see cref="RecipeConverter"/> makes a GGUF of
/// it.</summary>
/// <param name="Schema">Version of this form: 1.</param>
/// <param name="Weights">Name of the safetensors file, in the description's folder.</param>
/// <param name="Settings">The GGUF's metadata, in order.</param>
/// <param name="Tensors">The GGUF's tensors, in order.</param>
/// <remarks>Recipes keep more in the same file, such as figures and logits to compare with; it is not read
/// here.</remarks>
internal sealed record RecipeDescription(
    int Schema, string Weights, IReadOnlyList<RecipeSetting> Settings, IReadOnlyList<RecipeTensor> Tensors)
{
    public const int CurrentSchema = 1;
}

/// <summary>One setting.</summary>
/// <param name="Key">Such as <c>gpt2.context_length</c>.</param>
/// <param name="Type">Name of a <see cref="GgufValueType"/>; of the elements, where the value is a list.</param>
/// <param name="Value">A number, a text, a truth value, or a list of them.</param>
internal sealed record RecipeSetting(string Key, string Type, JsonElement Value);

/// <summary>One tensor.</summary>
/// <param name="Name">Its name in the GGUF.</param>
/// <param name="Source">Its name among the weights.</param>
/// <param name="Type">Name of the <see cref="Native.GgmlType"/> to store it in.</param>
internal sealed record RecipeTensor(string Name, string Source, string Type);

/// <summary>Generated serializers.</summary>
[JsonSerializable(typeof(RecipeDescription))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class RecipeContext : JsonSerializerContext;
