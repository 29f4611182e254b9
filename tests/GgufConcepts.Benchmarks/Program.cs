using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using GgufConcepts.Benchmarks;
using Perfolizer.Horology;

const string Keep = "--keep"; // writes the tables to results/, by processor

// Short, but each case in a process of its own: what one leaves behind must not slow the next. Compiled for good at once:
// so few calls would else be measured in the code that only serves until the real one is there.
EnvironmentVariable whole = new("DOTNET_TieredCompilation", "0");
Job widest = Job.Default.WithId("widest").WithWarmupCount(3).WithIterationCount(8)
    .WithIterationTime(TimeInterval.FromMilliseconds(40)).WithEvaluateOverhead(false).WithEnvironmentVariables(whole);
ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumn(StatisticColumn.Min)
    .HideColumns("Error", "StdDev", "Median", "RatioSD", "Gen0", "Gen1", "Gen2", "Alloc Ratio", "EnvironmentVariables")
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40))
    .AddJob(widest);
if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated)
{
    config.AddJob(widest.WithId("no AVX-512").WithEnvironmentVariables(whole, new("DOTNET_EnableAVX512", "0")));
}

IEnumerable<Summary> summaries =
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args.Where(arg => arg != Keep)], config);
if (args.Contains(Keep))
{
    foreach (Summary summary in summaries)
    {
        Results.Write(summary, args);
    }
}
