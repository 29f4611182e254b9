using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

/// <summary>What a recipe describes is what the GGUF holds; what it describes wrongly is refused with the
/// place.</summary>
public sealed class RecipeConverterTests : IDisposable
{
    private const string Honest = """
        {
          "schema": 1, "weights": "w.safetensors", "training": { "seed": 42 },
          "settings": [
            { "key": "general.architecture", "type": "String", "value": "test" },
            { "key": "test.block_count", "type": "UInt32", "value": 2 },
            { "key": "test.epsilon", "type": "Float32", "value": 1e-05 },
            { "key": "test.tied", "type": "Bool", "value": true },
            { "key": "test.offset", "type": "Int64", "value": -9007199254740993 },
            { "key": "test.words", "type": "String", "value": ["a", "ü", ""] },
            { "key": "test.kinds", "type": "Int32", "value": [4, -1] }
          ],
          "tensors": [
            { "name": "b", "source": "second", "type": "F32" },
            { "name": "a", "source": "first", "type": "Q8_0" }
          ]
        }
        """;

    private static readonly float[] s_second = [1, 2, 3, 4, 5, 6];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Convert_HonestRecipe_HoldsWhatItSays()
    {
        using GgufFile made = GgufFile.Open(Convert(Honest));
        Assert.True(made.Metadata.TryGetString("general.architecture", out string architecture));
        Assert.Equal("test", architecture);
        Assert.Equal(2u, made.Metadata.Find("test.block_count")!.AsInteger<uint>());
        Assert.Equal(GgufValueType.UInt32, made.Metadata.Find("test.block_count")!.Type);
        Assert.True(made.Metadata.TryGetFloat("test.epsilon", out double epsilon));
        Assert.Equal(1e-5f, epsilon);
        Assert.True(made.Metadata.TryGetBool("test.tied", out bool tied) && tied);
        Assert.Equal(-9007199254740993, made.Metadata.Find("test.offset")!.AsInteger<long>());
        Assert.True(made.Metadata.TryGetArray("test.words", out GgufArray words));
        Assert.Equal(["a", "ü", ""], words.Strings());

        Assert.Equal(["b: F32 [3, 2]", "a: Q8_0 [32, 1]"], made.Tensors.Select(tensor => tensor.ToString()));
        float[] row = new float[3];
        made.Tensors[0].CopyRow(1, row);
        Assert.Equal(s_second[3..], row);
    }

    [Theory]
    [InlineData("\"schema\": 1", "\"schema\": 2", "schema 2 is unknown")]
    [InlineData("\"schema\": 1, ", "", "is no description of a model")]
    [InlineData("\"w.safetensors\"", "\"../w.safetensors\"", "use the name of a file in the same folder")]
    [InlineData("\"w.safetensors\"", "\"\"", "use the name of a file in the same folder")]
    [InlineData("\"w.safetensors\"", "null", "is no description of a model")]
    [InlineData("\"w.safetensors\"", "\"absent.safetensors\"", "no such file")]
    [InlineData("\"source\": \"first\"", "\"source\": \"third\"", "tensor a comes from third, which")]
    [InlineData("Q8_0", "Q9", "tensor a has the type Q9")]
    [InlineData("Q8_0", "8", "tensor a has the type 8")]
    [InlineData("Q8_0", "Q4_K", "a has rows of 32; Q4_K needs a multiple of 256")]
    [InlineData("\"name\": \"b\"", "\"name\": \"a\"", "There is a tensor a already")]
    [InlineData("\"value\": 2 }", "\"value\": -2 }", "setting test.block_count of type UInt32 cannot be made")]
    [InlineData("\"value\": 2 }", "\"value\": \"2\" }", "setting test.block_count of type UInt32 cannot be made")]
    [InlineData("\"value\": 2 }", "\"value\": [[2]] }", "setting test.block_count of type UInt32 cannot be made")]
    [InlineData("\"value\": 1e-05", "\"value\": 1e99", "setting test.epsilon of type Float32 cannot be made")]
    [InlineData("[\"a\", \"ü\", \"\"]", "[null]", "setting test.words of type String cannot be made")]
    [InlineData("\"type\": \"Bool\"", "\"type\": \"Array\"", "setting test.tied of type Array cannot be made")]
    [InlineData("\"type\": \"Bool\"", "\"type\": \"bool\"", "setting test.tied of type bool cannot be made")]
    [InlineData("\"test.tied\"", "\"test.epsilon\"", "There is a setting test.epsilon already")]
    [InlineData("\"value\": 2 }", "\"value\": 0 }", "test.block_count")] // what llama.cpp must not be given
    [InlineData("{ \"name\": \"b\", \"source\": \"second\", \"type\": \"F32\" }", "null", "settings or tensors hold null")]
    public void Convert_WrongRecipe_IsRefusedWithThePlace(string right, string wrong, string expected)
    {
        Assert.Contains(right, Honest, StringComparison.Ordinal);
        GgufException refused =
            Assert.Throws<GgufException>(() => Convert(Honest.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("m.gguf")));
    }

    [Fact]
    public void Convert_Quantized_StoresAllButF32InThatType()
    {
        string described = Honest.Replace(
            "\"settings\": [", """
            "settings": [{ "key": "general.file_type", "type": "UInt32", "value": 1 },
            """, StringComparison.Ordinal);
        using GgufFile made = GgufFile.Open(Convert(described, GgmlType.Q4_0));
        Assert.Equal(["b: F32 [3, 2]", "a: Q4_0 [32, 1]"], made.Tensors.Select(tensor => tensor.ToString()));
        Assert.Equal(2u, made.Metadata.Find("general.file_type")!.AsInteger<uint>());
    }

    [Fact]
    public void Convert_QuantizedThoughAllIsF32_IsRefused()
    {
        GgufException refused = Assert.Throws<GgufException>(
            () => Convert(Honest.Replace("Q8_0", "F32", StringComparison.Ordinal), GgmlType.Q4_0));
        Assert.Contains("keeps every tensor in F32", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_WrongRecipe_KeepsTheFileThatWasThere()
    {
        File.WriteAllText(_folder.File("m.gguf"), "of value to somebody");
        GgufException refused = Assert.Throws<GgufException>(
            () => Convert(Honest.Replace("\"value\": 2 }", "\"value\": 0 }", StringComparison.Ordinal)));
        Assert.DoesNotContain(".tmp", refused.Message, StringComparison.Ordinal);
        Assert.Equal("of value to somebody", File.ReadAllText(_folder.File("m.gguf")));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void Convert_FolderThatIsNotThere_SaysSo()
    {
        Convert(Honest);
        GgufException refused = Assert.Throws<GgufException>(() => RecipeConverter.Convert(
            _folder.File("m.json"), _folder.File("none/m.gguf"), cancellation: Token));
        Assert.Contains("cannot be written", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_NoDescription_SaysSo()
    {
        GgufException refused = Assert.Throws<GgufException>(
            () => RecipeConverter.Convert(_folder.File("absent.json"), _folder.File("m.gguf"), cancellation: Token));
        Assert.Contains("absent.json: cannot be read", refused.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Convert(string description, GgmlType? quantization = null)
    {
        float[] first = [.. Enumerable.Range(0, 32).Select(i => i / 32f)];
        File.WriteAllBytes(
            _folder.File("w.safetensors"), RawSafetensors.Of(("first", [1, 32], first), ("second", [2, 3], s_second)));
        File.WriteAllText(_folder.File("m.json"), description);
        RecipeConverter.Convert(_folder.File("m.json"), _folder.File("m.gguf"), quantization, Token);
        return _folder.File("m.gguf");
    }
}
