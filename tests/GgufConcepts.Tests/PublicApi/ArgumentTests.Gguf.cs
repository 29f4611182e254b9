using System.Text;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Gguf.</summary>
public sealed partial class ArgumentTests
{
    private const GgmlType NoType = (GgmlType)999;

    private static readonly Row[] s_gguf =
    [
        .. Ids("EmbeddingTable.CopyRow(id)", (model, id) => model.Embeddings.CopyRow(id, new float[model.Embeddings.Width])),
        new("EmbeddingTable.CopyRow(destination)", "short", model => model.Embeddings.CopyRow(0, new float[1])),
        .. Row.Paths("GgufModelFile.Open(path)", (_, path) => GgufModelFile.Open(path)),
        new("NearestTokens.Find(table)", "null", _ => NearestTokens.Find(null!, [1], 1, 1)),
        new("NearestTokens.Find(vectors)", "short", model => NearestTokens.Find(model.Embeddings, [1], 1, 1)),
        new("NearestTokens.Find(vectors)", "NaN", model =>
            NearestTokens.Find(model.Embeddings, Enumerable.Repeat(Nan, model.Embeddings.Width).ToArray(), 1, 1)),
        .. Row.Each("NearestTokens.Find(vectorCount)", [0, -1], (model, count) =>
            NearestTokens.Find(model.Embeddings, new float[model.Embeddings.Width], count, 1)),
        .. Row.Each("NearestTokens.Find(count)", [0, -1], (model, count) =>
            NearestTokens.Find(model.Embeddings, new float[model.Embeddings.Width], 1, count)),
        .. Row.Each("GgufTensor.CopyRow(row)", [-1, int.MaxValue], (model, row) =>
            Tensor(model).CopyRow(row, new float[Tensor(model).Width])),
        new("GgufTensor.CopyRow(destination)", "short", model => Tensor(model).CopyRow(0, new float[1])),
        .. Row.Each("GgufTensor.CopyBytes(start)", [-1], (model, start) => Tensor(model).CopyBytes(start, new byte[1])),
        new("GgufTensor.CopyBytes(destination)", "past the end", model => Tensor(model).CopyBytes(long.MaxValue, new byte[1])),
        new("GgufMetadata.TryGetString(key)", "null", model => model.Metadata.TryGetString(null!, out _)),
        new("GgufMetadata.TryGetInteger(key)", "null", model => model.Metadata.TryGetInteger(null!, out int _)),
        new("GgufMetadata.TryGetFloat(key)", "null", model => model.Metadata.TryGetFloat(null!, out _)),
        new("GgufMetadata.TryGetBool(key)", "null", model => model.Metadata.TryGetBool(null!, out _)),
        new("GgufMetadata.TryGetArray(key)", "null", model => model.Metadata.TryGetArray(null!, out _)),
        new("GgufWriter.Add(key)", "null", _ => new GgufWriter().Add(null!, 1)),
        new("GgufWriter.AddArray(key)", "null", _ => new GgufWriter().AddArray(null!, [1, 2])),
        new("GgufWriter.AddArray(values)", "a null among them", _ => new GgufWriter().AddArray("a", (string[])["b", null!])),
        new("GgufWriter.AddTensor(name)", "null", _ => new GgufWriter().AddTensor(null!, GgmlType.F32, [1], new float[1])),
        new("GgufWriter.AddTensor(name)", "64 bytes", _ =>
            new GgufWriter().AddTensor(new string('n', 64), GgmlType.F32, [1], new float[1])),
        new("GgufWriter.AddTensor(type)", "none there is", _ => new GgufWriter().AddTensor("n", NoType, [1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "none", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "five", _ =>
            new GgufWriter().AddTensor("n", GgmlType.F32, [1, 1, 1, 1, 1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "negative", _ =>
            new GgufWriter().AddTensor("n", GgmlType.F32, [-1, -1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "a product past 2^63", _ =>
            new GgufWriter().AddTensor("n", GgmlType.F32, [long.MaxValue, long.MaxValue, 4], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "half a block", _ =>
            new GgufWriter().AddTensor("n", GgmlType.Q8_0, [16], new float[16])),
        new("GgufWriter.AddTensor(values)", "short", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [2], new float[1])),
        .. Row.Each("GgufWriter.AddTensor(values)", [Nan, 1e14f], (_, value) => Write("n", GgmlType.IQ3_S, value), "n: "),
        new("GgufWriter.AddTensor(fill)", "null", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [2], (GgufFill)null!)),
        new("GgufWriter.AddStoredTensor(name)", "null", _ =>
            new GgufWriter().AddStoredTensor(null!, GgmlType.F32, [1], new byte[4])),
        new("GgufWriter.AddStoredTensor(type)", "none there is", _ =>
            new GgufWriter().AddStoredTensor("n", NoType, [1], new byte[4])),
        new("GgufWriter.AddStoredTensor(dimensions)", "0", _ =>
            new GgufWriter().AddStoredTensor("n", GgmlType.F32, [0], new byte[4])),
        new("GgufWriter.AddStoredTensor(bytes)", "short", _ =>
            new GgufWriter().AddStoredTensor("n", GgmlType.F32, [1], new byte[3])),
        new("SyntheticModel.Write(type)", "none there is", _ =>
            SyntheticModel.Write("no.gguf", ModelShape.All[^1], NoType), "999"),
        .. Row.Each("RecipeConverter.Convert(description)", ["", "a\0b"], (_, path) =>
            RecipeConverter.Convert(path, "no.gguf"), "cannot be read"),
        new("RecipeConverter.Convert(quantization)", "none there is", _ =>
            RecipeConverter.Convert("no.json", "no.gguf", NoType)),
        new("SafetensorsFile.CopyNumbers(tensor)", "null", _ =>
            InSafetensors((file, _) => file.CopyNumbers(null!, 0, new float[1]))),
        new("SafetensorsFile.CopyNumbers(first)", "-1", _ =>
            InSafetensors((file, tensor) => file.CopyNumbers(tensor, -1, new float[1]))),
        new("SafetensorsFile.CopyNumbers(destination)", "long", _ =>
            InSafetensors((file, tensor) => file.CopyNumbers(tensor, 1, new float[2]))),
        Row.None("GgufWriter.AddArray(values)", "any number of any numbers"),
        Row.None("SyntheticModel.Write(seed)", "every seed is one"),
    ];

    private static void Write(string name, GgmlType type, float value)
    {
        using TempFolder folder = new();
        GgufWriter writer = new();
        writer.AddTensor(name, type, [256], Enumerable.Repeat(value, 256).ToArray());
        writer.Write(folder.File("a.gguf"));
    }

    private static GgufTensor Tensor(ConceptModel model) => model.ModelFile.Find("token_embd.weight")!;

    private static void InSafetensors(Action<SafetensorsFile, SafetensorsTensor> call)
    {
        using TempFolder folder = new();
        byte[] header = Encoding.UTF8.GetBytes("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        byte[] length = BitConverter.GetBytes((long)header.Length);
        File.WriteAllBytes(folder.File("a.safetensors"), [.. length, .. header, .. new byte[8]]);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("a.safetensors"));
        call(file, file.Tensors["a"]);
    }
}
