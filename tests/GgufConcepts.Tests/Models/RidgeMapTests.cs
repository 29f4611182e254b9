using System.Text.Json;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

/// <summary>The map from hidden states to input vectors, against the golden numbers and its own equations.</summary>
public sealed class RidgeMapTests
{
    [Fact]
    public void Compute_GoldenTables_GivesTheGoldenMapAndVector()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(AppContext.BaseDirectory, "Golden", "golden.json"))).RootElement.GetProperty("latentmas");
        float[][] win = Rows(golden.GetProperty("Win")), wout = Rows(golden.GetProperty("Wout"));
        using TempFolder folder = new();
        using GgufModelFile file = Write(folder, win, wout);
        RidgeMap map = Map(file);
        Assert.Equal(
            Rows(golden.GetProperty("M")).SelectMany(row => row), map.Values.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);

        float[] hidden = [.. golden.GetProperty("h").EnumerateArray().Select(value => value.GetSingle())];
        float[] mapped = new float[2];
        map.Apply(hidden, mapped);
        AssertClose(golden.GetProperty("hM"), mapped);

        EmbeddingStatistics statistics = EmbeddingStatistics.Measure(new EmbeddingTable(file));
        Assert.Equal(golden.GetProperty("rho").GetDouble(), statistics.MeanNorm, 1e-6);
        double length = Math.Sqrt(mapped.Sum(value => (double)value * value));
        AssertClose(golden.GetProperty("z"), [.. mapped.Select(value => (float)(value * statistics.MeanNorm / length))]);
    }

    [Fact]
    public void Compute_RandomTables_SolvesTheNormalEquations()
    {
        Random random = new(1);
        const int Tokens = 200, Hidden = 24, Width = 16;
        float[][] win = RandomRows(random, Tokens, Width), wout = RandomRows(random, Tokens, Hidden);
        using TempFolder folder = new();
        using GgufModelFile file = Write(folder, win, wout);
        RidgeMap map = Map(file);
        for (int i = 0; i < Hidden; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                // (O'O + ridge I) M - O'E, row i, column j
                double left = RidgeMap.Ridge * map.Values[i * Width + j];
                for (int k = 0; k < Hidden; k++)
                {
                    left += wout.Sum(row => (double)row[i] * row[k]) * map.Values[k * Width + j];
                }

                Assert.Equal(wout.Zip(win).Sum(pair => (double)pair.First[i] * pair.Second[j]), left, 1e-4);
            }
        }
    }

    [Fact]
    public void Compute_OneTableForBoth_IsTheIdentity()
    {
        float[][] rows = RandomRows(new Random(2), 300, 32);
        using TempFolder folder = new();
        using GgufModelFile file = Write(folder, rows, null);
        GgufTensor table = file.Find("token_embd.weight")!;
        RidgeMap map = RidgeMap.Compute(table, table, TestContext.Current.CancellationToken);
        for (int i = 0; i < 32 * 32; i++)
        {
            Assert.Equal(i % 33 == 0 ? 1 : 0, map.Values[i], 1e-5f);
        }
    }

    [Fact]
    public void GetOrCompute_SecondTime_ReadsTheFile_DamagedOneIsMadeAnew()
    {
        using TempFolder folder = new();
        string cache = Path.Combine(folder.Path, "cache");
        using GgufModelFile file = Write(folder, RandomRows(new Random(3), 50, 8), RandomRows(new Random(4), 50, 8));
        GgufTensor input = file.Find("token_embd.weight")!, output = file.Find("output.weight")!;
        float[] computed = RidgeMapCache.GetOrCompute(input, output, cache).Values.ToArray();
        string kept = Assert.Single(Directory.GetFiles(cache));

        byte[] bytes = File.ReadAllBytes(kept);
        DateTime written = File.GetLastWriteTimeUtc(kept);
        Assert.Equal(computed, RidgeMapCache.GetOrCompute(input, output, cache).Values.ToArray());
        Assert.Equal(written, File.GetLastWriteTimeUtc(kept));

        bytes[40] ^= 1; // one bit of a value: the hash no longer fits
        File.WriteAllBytes(kept, bytes);
        Assert.Equal(computed, RidgeMapCache.GetOrCompute(input, output, cache).Values.ToArray());
        bytes[40] ^= 1;
        Assert.Equal(bytes, File.ReadAllBytes(kept));

        Assert.Equal(computed, RidgeMapCache.GetOrCompute(input, output, "/dev/null/nowhere").Values.ToArray()); // not kept
    }

    [Fact]
    public void GetOrCompute_OtherTables_HaveAnotherFile()
    {
        using TempFolder folder = new();
        using TempFolder second = new();
        string cache = Path.Combine(folder.Path, "cache");
        using GgufModelFile one = Write(folder, RandomRows(new Random(3), 50, 8), null);
        using GgufModelFile other = Write(second, RandomRows(new Random(5), 50, 8), null);
        foreach (GgufModelFile file in (GgufModelFile[])[one, other])
        {
            GgufTensor table = file.Find("token_embd.weight")!;
            RidgeMapCache.GetOrCompute(table, table, cache);
        }

        Assert.Equal(2, Directory.GetFiles(cache).Length);
    }

    private static RidgeMap Map(GgufModelFile file) => RidgeMap.Compute(
        file.Find("token_embd.weight")!, file.Find("output.weight")!, TestContext.Current.CancellationToken);

    private static GgufModelFile Write(TempFolder folder, float[][] win, float[][]? wout)
    {
        GgufWriter writer = new();
        writer.Add("general.architecture", "llama");
        writer.AddTensor("token_embd.weight", GgmlType.F32, [win[0].Length, win.Length], win.SelectMany(row => row).ToArray());
        if (wout is not null)
        {
            writer.AddTensor("output.weight", GgmlType.F32, [wout[0].Length, wout.Length], wout.SelectMany(row => row).ToArray());
        }

        writer.Write(folder.File("tables.gguf"));
        return GgufModelFile.Open(folder.File("tables.gguf"));
    }

    private static float[][] RandomRows(Random random, int count, int width) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())];

    private static float[][] Rows(JsonElement table) =>
        [.. table.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetSingle()).ToArray())];

    private static void AssertClose(JsonElement expected, float[] actual) => Strategies.Choices.AssertClose(
        expected.EnumerateArray().Select(value => value.GetDouble()), actual);
}
