using System.Text.Json;
using GgufConcepts.Benchmarking;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using Spectre.Console;

namespace GgufConcepts.Cli.Tests;

public sealed class BenchTests
{
    private static readonly string s_model = TinyModels.Path(TinyArchitecture.Qwen2);

    [Fact]
    public async Task BenchJson_OneStrategy_IsADocument()
    {
        JsonElement bench = (await Cli.RunWithAsync(
            s_model, "bench", "--strategy", "soft:maxTopK=4", "--steps", "4", "--blocks", "6", "--batch", "1,2", "--json")).Json();

        Assert.Equal(6, bench.GetProperty("blocks").GetInt32());
        JsonElement[] rows = [.. bench.GetProperty("rows").EnumerateArray()];
        Assert.Equal([1, 2], rows.Select(row => row.GetProperty("batch").GetInt32()));
        Assert.All(rows, row =>
        {
            Assert.Equal("soft:maxTopK=4", row.GetProperty("strategy").GetString());
            Assert.True(row.GetProperty("ratio").GetDouble() > 0);
            Assert.Equal(1, row.GetProperty("graphReuse").GetDouble());
            Assert.Equal(0, row.GetProperty("allocatedBytes").GetDouble());
        });
    }

    [Theory]
    [InlineData("--batch is '1,x'; write numbers from 1 to 64", "--batch", "1,x")]
    [InlineData("The batch sizes are 0; use numbers from 1 to 64.", "--batch", "0")]
    [InlineData("There are 2 pairs of blocks; use 6 to 1000.", "--blocks", "2")]
    [InlineData("A block has 1 steps; use 4 to 10000.", "--steps", "1")]
    [InlineData("Given without --strategy: --max-topk.", "--max-topk", "3")]
    [InlineData("No strategy 'nope'", "--strategy", "nope")]
    [InlineData("do not fit the context", "--steps", "9999")]
    public async Task Bench_BadOptions_AreRefused(string reason, params string[] options) =>
        (await Cli.RunWithAsync(s_model, ["bench", .. options])).AssertRefused(reason);

    [Theory]
    [InlineData(80, "mixer µs")]
    [InlineData(100, "bandwidth")]
    [InlineData(120, "bytes")]
    public void Write_UsualRow_TakesOneLine(int width, string lastColumn)
    {
        StepBenchRow row = new("soft:maxTopK=15", 16, 123.456, 123.789, 1.003, 0.998, 1.008, 1234, 129.3, 129.6, 0.87, 1, 0, 0.99);
        ModelInfo info = new("Model", "model.gguf", "qwen2", "", 1536, 151_936, 28, 32_768, 4096, 1_543_714_304, 1_646_572_928);
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;

        BenchTable.Write(console, new StepBenchReport(info, 2, 1_646_572_928, 45e9, [row, row with { RatioHigh = 1.2 }]));

        string[] lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(lastColumn, lines[2].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(2, lines.Count(line => line.StartsWith(" soft:maxTopK=15       16", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("not to be trusted: soft:maxTopK=15, 16 at once:", StringComparison.Ordinal));
    }
}
