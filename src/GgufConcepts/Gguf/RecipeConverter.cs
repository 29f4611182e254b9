using System.Numerics;
using System.Text.Json;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>Makes a GGUF of what a training recipe left: a description in JSON and the weights as
/// safetensors.</summary>
/// <remarks>The description holds every setting and tensor name literally, so that this knows no
/// architecture.</remarks>
public static class RecipeConverter
{
    private const long LargestDescription = 64 << 20;

    /// <summary>Converts a model and checks the result as one that is about to be loaded.</summary>
    /// <param name="description">The JSON file; it names the weights beside it.</param>
    /// <param name="path">The GGUF to write; a file of that name is replaced once the new one is found good.</param>
    /// <param name="quantization">How to store the tensors that the description does not keep in F32, such as
    /// <c>Q4_0</c>; null for what the description says.</param>
    /// <param name="cancellation">Stops between two pieces of a tensor.</param>
    /// <exception cref="GgufException">A file is missing or damaged, the description makes no model, or its rows do not
    /// suit the quantization.</exception>
    public static void Convert(
        string description, string path, GgmlType? quantization = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(path);
        if (quantization is { } asked && !Enum.IsDefined(asked))
        {
            throw new ArgumentOutOfRangeException(nameof(quantization), asked, "There is no such type.");
        }

        RecipeDescription recipe = Read(description);
        string folder = Path.GetDirectoryName(Path.GetFullPath(description))!;
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(folder, recipe.Weights));
        GgufWriter writer = new();
        foreach (RecipeSetting setting in recipe.Settings)
        {
            if (quantization is { } type && setting.Key == "general.file_type")
            {
                writer.Add(setting.Key, FileType(type));
            }
            else
            {
                AddSetting(writer, setting, description);
            }
        }

        if (quantization is not (null or GgmlType.F32) && recipe.Tensors.All(tensor => tensor.Type == nameof(GgmlType.F32)))
        {
            throw new GgufException($"{description} keeps every tensor in F32, so nothing would be {quantization}; leave --type out.");
        }

        foreach (RecipeTensor tensor in recipe.Tensors)
        {
            bool kept = quantization is null || tensor.Type == nameof(GgmlType.F32);
            AddTensor(writer, kept ? tensor : tensor with { Type = $"{quantization}" }, weights, description);
        }

        string draft = $"{path}.{Guid.NewGuid():N}.tmp"; // well-formed, but perhaps of no use to anybody
        try
        {
            writer.Write(draft, cancellation);
            using (GgufModelFile written = GgufModelFile.Open(draft))
            {
                GgufModelCheck.Run(written);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (GgufException problem)
        {
            throw new GgufException(problem.Message.Replace(draft, path, StringComparison.Ordinal), problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GgufException($"{path}: cannot be written: {problem.Message}", problem);
        }
        finally
        {
            if (File.Exists(draft)) // File.Delete minds where the folder is not there
            {
                File.Delete(draft);
            }
        }
    }

    /// <summary>What llama.cpp calls a file whose matrices are of one type (<c>enum llama_ftype</c>, llama.h).</summary>
    private static uint FileType(GgmlType type) => type switch
    {
        GgmlType.F32 => 0,
        GgmlType.F16 => 1,
        GgmlType.Q4_0 => 2,
        GgmlType.Q4_1 => 3,
        GgmlType.Q8_0 => 7,
        GgmlType.Q5_0 => 8,
        GgmlType.Q5_1 => 9,
        GgmlType.BF16 => 32,
        _ => throw new GgufException($"A model is not made in {type}; use F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q4_0 or Q4_1."),
    };

    private static RecipeDescription Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > LargestDescription)
            {
                throw new GgufException($"{path} has {file.Length} bytes; a description has at most {LargestDescription}.");
            }

            RecipeDescription recipe = JsonSerializer.Deserialize(file, RecipeContext.Default.RecipeDescription)
                ?? throw new GgufException($"{path} holds null; name the JSON file that a recipe wrote.");
            return FindProblem(recipe) is { } problem ? throw new GgufException($"{path}: {problem}") : recipe;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new GgufException($"{path}: cannot be read: {problem.Message}", problem);
        }
        catch (JsonException problem)
        {
            throw new GgufException(
                $"{path} is no description of a model: {problem.Message.ReplaceLineEndings(" ")} " +
                "Name the JSON file that a recipe wrote.",
                problem);
        }
    }

    private static string? FindProblem(RecipeDescription recipe)
    {
        if (recipe.Schema != RecipeDescription.CurrentSchema)
        {
            return $"schema {recipe.Schema} is unknown; this program reads schema {RecipeDescription.CurrentSchema}.";
        }

        if (recipe.Weights.Length == 0 || Path.GetFileName(recipe.Weights) != recipe.Weights)
        {
            return $"weights is '{recipe.Weights}'; use the name of a file in the same folder.";
        }

        bool whole = recipe.Settings.All(setting => setting is not null) && recipe.Tensors.All(tensor => tensor is not null);
        return whole ? null : "settings or tensors hold null.";
    }

    private static void AddSetting(GgufWriter writer, RecipeSetting setting, string path)
    {
        try
        {
            JsonElement value = setting.Value;
            switch (Enum.Parse<GgufValueType>(setting.Type))
            {
                case GgufValueType.String: AddText(writer, setting.Key, value); break;
                case GgufValueType.Bool: Add(writer, setting.Key, value, item => item.GetBoolean()); break;
                case GgufValueType.UInt8: Add(writer, setting.Key, value, item => item.GetByte()); break;
                case GgufValueType.Int8: Add(writer, setting.Key, value, item => item.GetSByte()); break;
                case GgufValueType.UInt16: Add(writer, setting.Key, value, item => item.GetUInt16()); break;
                case GgufValueType.Int16: Add(writer, setting.Key, value, item => item.GetInt16()); break;
                case GgufValueType.UInt32: Add(writer, setting.Key, value, item => item.GetUInt32()); break;
                case GgufValueType.Int32: Add(writer, setting.Key, value, item => item.GetInt32()); break;
                case GgufValueType.UInt64: Add(writer, setting.Key, value, item => item.GetUInt64()); break;
                case GgufValueType.Int64: Add(writer, setting.Key, value, item => item.GetInt64()); break;
                case GgufValueType.Float32: Add(writer, setting.Key, value, item => Finite(item.GetSingle())); break;
                case GgufValueType.Float64: Add(writer, setting.Key, value, item => Finite(item.GetDouble())); break;
                default: throw new FormatException("a list is written as one, with the type of its elements.");
            }
        }
        catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new GgufException(
                $"{path}: setting {setting.Key} of type {setting.Type} cannot be made: {problem.Message}", problem);
        }
    }

    private static void Add<T>(GgufWriter writer, string key, JsonElement value, Func<JsonElement, T> read)
        where T : unmanaged
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            writer.AddArray<T>(key, value.EnumerateArray().Select(read).ToArray());
        }
        else
        {
            writer.Add(key, read(value));
        }
    }

    private static void AddText(GgufWriter writer, string key, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            writer.AddArray(key, value.EnumerateArray().Select(Text).ToArray());
        }
        else
        {
            writer.Add(key, Text(value));
        }
    }

    private static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("it holds null.");

    private static T Finite<T>(T number)
        where T : INumberBase<T> =>
        T.IsFinite(number) ? number : throw new FormatException("it does not fit.");

    private static void AddTensor(GgufWriter writer, RecipeTensor tensor, SafetensorsFile weights, string path)
    {
        if (!weights.Tensors.TryGetValue(tensor.Source, out SafetensorsTensor? source))
        {
            throw new GgufException(
                $"{path}: tensor {tensor.Name} comes from {tensor.Source}, which {weights.Path} does not hold; run the recipe again.");
        }

        if (!Enum.TryParse(tensor.Type, out GgmlType type) || type.ToString() != tensor.Type)
        {
            throw new GgufException($"{path}: tensor {tensor.Name} has the type {tensor.Type}; use F32, F16, Q8_0 or the like.");
        }

        try
        {
            long[] dimensions = [.. source.Shape.Reverse()]; // ggml counts from the fastest
            writer.AddTensor(
                tensor.Name, type, dimensions, (first, rows) => weights.CopyNumbers(source, first, rows));
        }
        catch (ArgumentException problem)
        {
            throw new GgufException($"{path}: {problem.Message}", problem);
        }
    }
}
