using BenchmarkDotNet.Attributes;
using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Benchmarks;

/// <summary>What is read of a file with 151,936 tokens before llama.cpp sees it: 50 ms at most, all together.</summary>
[MemoryDiagnoser]
public class MetadataBenchmarks
{
    private static readonly ModelShape s_shape = new("shallow", "A large vocabulary over one thin layer.", 1, 32, 64, 1, 1, 151_936, 151_387);

    private readonly string _folder = Directory.CreateTempSubdirectory("ggufconcepts-").FullName;
    private string _path = "";
    private GgufModelFile? _file;

    [GlobalSetup]
    public void Setup()
    {
        _path = Path.Combine(_folder, "shallow.gguf");
        SyntheticModel.Write(_path, s_shape, GgmlType.Q8_0);
        _file = GgufModelFile.Open(_path);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _file?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Maps the file and checks its head: every length, no string.</summary>
    [Benchmark]
    public void Open() => GgufModelFile.Open(_path).Dispose();

    /// <summary>Looks for what would end the process, a token that is there twice among it.</summary>
    [Benchmark]
    public void Check() => GgufModelCheck.Run(_file!);

    /// <summary>Both, as a model is loaded.</summary>
    [Benchmark(Baseline = true)]
    public void OpenAndCheck()
    {
        using GgufModelFile file = GgufModelFile.Open(_path);
        GgufModelCheck.Run(file);
    }

    /// <summary>Makes every token a string, which loading does not.</summary>
    [Benchmark]
    public int ReadTokens() => _file!.Metadata.TryGetArray("tokenizer.ggml.tokens", out GgufArray tokens) ? tokens.Strings().Count() : 0;
}
