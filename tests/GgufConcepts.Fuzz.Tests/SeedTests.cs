using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Fuzz.Targets;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Tests;

/// <summary>What the fuzzer begins with is right: from a refused file it would not come far.</summary>
public sealed class SeedTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Tokenizers => [.. GgufSeeds.Tokenizers];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Tokenizers))]
    public void Model_OfEachTokenizer_PassesTheCheck(string tokenizer)
    {
        string path = _folder.File("model.gguf");
        GgufSeeds.Model(tokenizer).Write(path, cancellation: Token);
        using GgufModelFile model = GgufModelFile.Open(path);
        GgufModelCheck.Run(model);
    }

    [Fact]
    public void Find_ValidFile_FindsEverySettingAndTensor()
    {
        string path = _folder.File("model.gguf");
        GgufSeeds.Model("llama").Write(path, cancellation: Token);
        byte[] bytes = File.ReadAllBytes(path);
        GgufParts parts = GgufParts.Find(bytes)!;

        using GgufFile file = GgufFile.Open(path);
        Assert.Equal(file.Metadata.Entries.Count, parts.Settings.Count);
        Assert.Equal(file.Tensors.Count, parts.Tensors.Count);
        Assert.Equal(parts.Settings.Select(part => part.End), parts.Settings.Skip(1).Select(part => part.Start).Append(parts.Tensors[0].Start));
        Assert.Equal(
            file.Tensors.Select(tensor => tensor.Name),
            parts.Tensors.Select(part => System.Text.Encoding.UTF8.GetString(bytes, part.Start.Value + 8, bytes[part.Start.Value])));
    }

    [Fact]
    public void Find_CutAnywhere_StaysInside()
    {
        string path = _folder.File("model.gguf");
        GgufSeeds.Model("gpt2").Write(path, cancellation: Token);
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length++)
        {
            if (GgufParts.Find(bytes[..length]) is { } parts)
            {
                Assert.All(parts.Numbers, place => Assert.InRange(place.At + (1 << place.Size), 0, length));
                Assert.All(parts.Settings.Concat(parts.Tensors), part => Assert.InRange(part.End.Value, 0, length));
            }
        }
    }
}
