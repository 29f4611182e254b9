using GgufConcepts.Gguf;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

public sealed class GgufModelFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_AnyPart_FindsAllInOrder(int part)
    {
        WriteParts();
        using GgufModelFile model = GgufModelFile.Open(PartPath(part));
        Assert.Equal([PartPath(1), PartPath(2), PartPath(3)], model.Paths);
        Assert.Equal(["t0", "t1", "t2"], model.Tensors.Select(tensor => tensor.Name));
        Assert.True(model.Metadata.TryGetString("general.architecture", out string architecture));
        Assert.Equal("qwen2", architecture);
        float[] row = new float[2];
        for (int i = 0; i < 3; i++)
        {
            model.Find($"t{i}")!.CopyRow(0, row);
            Assert.Equal([i, i], row);
        }

        Assert.Null(model.Find("absent"));
    }

    [Fact]
    public void Open_OneFile_IsAModelToo()
    {
        using GgufModelFile model = GgufModelFile.Open(TinyModels.Path(TinyArchitecture.Llama));
        Assert.Single(model.Paths);
        Assert.Equal(model.Length, new FileInfo(model.Paths[0]).Length);
    }

    [Fact]
    public void Open_PartMissing_NamesIt()
    {
        WriteParts();
        File.Delete(PartPath(2));
        Refuse(1, PartPath(2), "part 2 of 3 is missing");
    }

    [Fact]
    public void Open_Renamed_SaysWhatTheNameShouldBe()
    {
        WriteParts();
        File.Move(PartPath(1), _folder.File("model.gguf"));
        string message = Assert.Throws<GgufException>(() => GgufModelFile.Open(_folder.File("model.gguf"))).Message;
        Assert.Contains("must end in -00001-of-00003.gguf", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PartOfAnotherNumber_IsRefused()
    {
        WriteParts();
        File.Copy(PartPath(3), PartPath(2), overwrite: true);
        Refuse(1, PartPath(2), "says it is part 3 of 3");
    }

    [Fact]
    public void Open_PartThatIsNoPart_IsRefused()
    {
        WriteParts();
        new GgufWriter().Write(PartPath(2), TestContext.Current.CancellationToken);
        Refuse(1, PartPath(2), "says it is part 0 of 1");
    }

    [Fact]
    public void Open_SameTensorInTwoParts_IsRefused()
    {
        WriteParts(name: _ => "same");
        Refuse(1, PartPath(2), "tensor same is also in");
    }

    [Fact]
    public void Open_WrongTotal_IsRefused()
    {
        WriteParts(total: 4);
        Refuse(1, PartPath(1), "split.tensors.count is 4 and the 3 files hold 3");
    }

    [Fact]
    public void Open_PartDamaged_NamesThePart()
    {
        WriteParts();
        using (FileStream file = new(PartPath(3), FileMode.Open))
        {
            file.SetLength(file.Length - 32);
        }

        Refuse(1, PartPath(3), "missing");
    }

    /// <summary>llama.cpp ends the process over it.</summary>
    [Fact]
    public void Open_SplitNumberOfAnotherType_IsRefused()
    {
        WriteParts();
        GgufWriter writer = new();
        writer.Add("split.no", 1u);
        writer.Add("split.count", (ushort)3);
        writer.Write(PartPath(2), TestContext.Current.CancellationToken);
        Refuse(1, PartPath(2), "split.no is of type UInt32");
    }

    [Fact]
    public void Open_65535Parts_IsRefusedAtOnce()
    {
        GgufWriter writer = new();
        writer.Add("split.no", (ushort)0);
        writer.Add("split.count", ushort.MaxValue);
        string path = _folder.File("model-00001-of-65535.gguf");
        writer.Write(path, TestContext.Current.CancellationToken);
        string message = Assert.Throws<GgufException>(() => GgufModelFile.Open(path)).Message;
        Assert.Contains("is one of 65535 parts; a model has at most 4096", message, StringComparison.Ordinal);
    }

    private void Refuse(int opened, string blamed, string expected)
    {
        string message = Assert.Throws<GgufException>(() => GgufModelFile.Open(PartPath(opened))).Message;
        Assert.StartsWith(blamed, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private string PartPath(int part) => _folder.File($"model-{part:D5}-of-00003.gguf");

    private void WriteParts(Func<int, string>? name = null, int total = 3)
    {
        for (int i = 0; i < 3; i++)
        {
            GgufWriter writer = new();
            if (i == 0)
            {
                writer.Add("general.architecture", "qwen2");
            }

            writer.Add("split.no", (ushort)i);
            writer.Add("split.count", (ushort)3);
            writer.Add("split.tensors.count", total);
            writer.AddTensor(name?.Invoke(i) ?? $"t{i}", GgmlType.F32, [2], new float[] { i, i });
            writer.Write(PartPath(i + 1));
        }
    }
}
