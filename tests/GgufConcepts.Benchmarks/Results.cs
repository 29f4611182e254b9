using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;

namespace GgufConcepts.Benchmarks;

/// <summary>The tables under <c>results/</c>, a folder per processor and a file per class of benchmarks.</summary>
internal static class Results
{
    public static void Write(Summary summary, string[] arguments)
    {
        AccumulationLogger log = new();
        MarkdownExporter.GitHub.ExportToLog(summary, log);
        string name = summary.BenchmarksCases[0].Descriptor.Type.Name;
        string processor = summary.HostEnvironmentInfo.Cpu.Value?.ProcessorName ?? "unknown";
        string folder = Path.Combine(FindSources(), "results", FileName(processor));
        Directory.CreateDirectory(folder);
        string command = string.Join(" ", arguments.Select(argument => argument.Contains('*') ? $"'{argument}'" : argument));
        File.WriteAllText(
            Path.Combine(folder, $"{name}.md"),
            $"# {name} on {processor}\n\nWritten by `./build.sh bench -- {command}`.\n{log.GetLog().ReplaceLineEndings("\n")}");
    }

    private static string FileName(string processor) => string.Join(
        "-", processor.ToLowerInvariant().Split([' ', '(', ')', '/', '@'], StringSplitOptions.RemoveEmptyEntries));

    private static string FindSources()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "GgufConcepts.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(
            folder?.FullName ?? throw new DirectoryNotFoundException("The benchmarks were not built in the repository."),
            "tests", "GgufConcepts.Benchmarks");
    }
}
