using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Native;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>doctor</c>: what this machine can do, and whether a model can think in vectors.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ModelArguments _model;

    public DoctorCommand()
        : base("doctor", "Show library, devices and processor features, and whether the model can think in vectors.")
    {
        Options.Add(_json);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        _model.UseLog(parse);
        List<string> problems = [];
        LlamaLibraryInfo? library = null;
        DoctorDevice[] devices = [];
        IReadOnlyList<UselessGpuModule> useless = [];
        try
        {
            if (_model.Backend(parse) is null) // another backend brings a llama.cpp of its own, and a process holds one
            {
                library = LlamaLibrary.EnsureLoaded();
                devices = [.. LlamaLibrary.Devices().Select(device => new DoctorDevice(
                    device.Name, device.Description, device.Kind.ToString(), device.FreeBytes, device.TotalBytes))];
                useless = GpuModules.FindUseless();
            }
        }
        catch (LlamaLibraryException problem)
        {
            problems.Add(problem.Message);
        }

        DoctorDocument document = new(
            typeof(ConceptModel).Assembly.GetName().Version?.ToString(3) ?? "",
            RuntimeInformation.FrameworkDescription,
            $"{RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}",
            Environment.ProcessorCount,
            VectorUnits(),
            Backends.Names,
            library?.Version,
            library?.Directory,
            library?.SystemInfo.Trim(),
            devices,
            useless,
            problems.Count == 0 && _model.HasModel(parse) ? await ExamineAsync(parse, problems, cancellation) : null,
            problems);

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(document));
        }
        else
        {
            Write(Terminal.Create(), document);
        }

        return problems.Count == 0 ? ExitCodes.Done : ExitCodes.BadInput;
    }

    private async Task<DoctorModel> ExamineAsync(ParseResult parse, List<string> problems, CancellationToken cancellation)
    {
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        Parity parity = loaded.Model.Parity;
        if (!parity.Holds)
        {
            problems.Add($"{loaded.Model.Info.Name} cannot think in vectors: parity is {parity.Describe()}.");
        }

        return new DoctorModel(loaded.Model.Info, parity.Describe(), parity.InputScale, parity.LargestDifference);
    }

    private static string[] VectorUnits()
    {
        List<string> units = [];
        Add(Vector512.IsHardwareAccelerated, "512 bits");
        Add(Vector256.IsHardwareAccelerated, "256 bits");
        Add(Vector128.IsHardwareAccelerated, "128 bits");
        return [.. units];

        void Add(bool has, string name)
        {
            if (has)
            {
                units.Add(name);
            }
        }
    }

    private static void Write(IAnsiConsole console, DoctorDocument found)
    {
        TraceTable.WriteField(console, "GgufConcepts", $"{found.Program} on {found.DotNet}, {found.System}");
        TraceTable.WriteField(console, "processors", $"{found.Processors}");
        TraceTable.WriteField(
            console, "vector units (.NET)", found.VectorUnits.Count > 0 ? string.Join(", ", found.VectorUnits) : "none");
        TraceTable.WriteField(
            console, "backends", string.Join(", ", found.Backends) + (Backends.Missing is { } missing ? $" ({missing})" : ""));
        if (found.LlamaVersion is not null)
        {
            TraceTable.WriteField(console, "llama.cpp", $"{found.LlamaVersion} in {found.LlamaFolder}");
            TraceTable.WriteField(console, "processor features (llama.cpp)", Features(found.LlamaFeatures ?? ""));
        }

        foreach (DoctorDevice device in found.Devices)
        {
            // Of the processor's memory llama.cpp calls all of it free.
            string memory = device.TotalBytes == 0 ? ""
                : device.FreeBytes == device.TotalBytes ? $", {Gib(device.TotalBytes)} GiB"
                : $", {Gib(device.FreeBytes)} of {Gib(device.TotalBytes)} GiB free";
            string kind = device.Kind.Equals(device.Name, StringComparison.OrdinalIgnoreCase) ? "" : $" ({device.Kind})";
            TraceTable.WriteField(console, "device", $"{device.Name}{kind}: {device.Description}{memory}");
        }

        foreach (UselessGpuModule module in found.UselessModules)
        {
            TraceTable.WriteField(console, "GPU module without use", $"{module.Path}: {module.Problem}; {module.Remedy}");
        }

        if (found.Model is { } model)
        {
            ModelInfo info = model.Info;
            TraceTable.WriteField(console, "model", string.Create(
                CultureInfo.InvariantCulture,
                $"{info.Name}, {info.Architecture}, {info.ParameterCount:N0} parameters in {Mib(info.SizeBytes)} MiB, " +
                $"{info.LayerCount} layers, {info.EmbeddingLength} wide, {info.VocabularySize} tokens, " +
                $"context {info.ContextLength} of {info.TrainedContext}"));
            TraceTable.WriteField(console, "parity", model.Parity);
        }

        foreach (string problem in found.Problems)
        {
            TraceTable.WriteField(console, "problem", problem);
        }
    }

    /// <summary>"CPU : SSE3 = 1 | AVX = 1 |" as "CPU: SSE3, AVX".</summary>
    internal static string Features(string text) => string.Join(", ", text
        .Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(part => part.EndsWith(" = 1", StringComparison.Ordinal) ? part[..^4] : part)
        .Select(part => part.Replace(" : ", ": ", StringComparison.Ordinal)));

    private static string Gib(long bytes) => (bytes / (double)(1L << 30)).ToString("F1", CultureInfo.InvariantCulture);

    private static string Mib(long bytes) => (bytes / (double)(1L << 20)).ToString("F1", CultureInfo.InvariantCulture);
}
