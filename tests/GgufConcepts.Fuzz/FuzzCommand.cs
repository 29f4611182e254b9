using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Fuzz.Targets;

namespace GgufConcepts.Fuzz;

/// <summary>The command line: fuzzes one target, or runs single inputs.</summary>
internal sealed class FuzzCommand : RootCommand
{
    private readonly Argument<string> _target = new("TARGET")
    {
        Description = $"What is fuzzed: {string.Join(", ", FuzzTargets.Names)}.",
    };

    private readonly Option<long> _runs = new("--runs")
    {
        Description = "Most executions.", DefaultValueFactory = _ => 1_000_000,
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Most seconds; without it as many as the runs take.",
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Of everything random.", DefaultValueFactory = _ => 1,
    };

    private readonly Option<string?> _corpus = new("--corpus")
    {
        Description = "A folder of inputs to begin with, to which those that reach something new are added.",
    };

    private readonly Option<string> _dump = new("--dump")
    {
        Description = "The folder for inputs that something does not survive.", DefaultValueFactory = _ => "fuzz-findings",
    };

    private readonly Option<string?> _replay = new("--replay")
    {
        Description = "Runs this file as an input, and nothing else.",
    };

    public FuzzCommand()
        : base("Looks for inputs that this program does not survive. Exit code 1: there are some.")
    {
        _target.AcceptOnlyFromAmong([.. FuzzTargets.Names]);
        Arguments.Add(_target);
        foreach (Option option in (Option[])[_runs, _seconds, _seed, _corpus, _dump, _replay])
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        using FuzzTarget target = FuzzTargets.Make(parse.GetValue(_target)!);
        string dump = parse.GetValue(_dump)!;
        using Guard guard = new(target, dump);
        if (parse.GetValue(_replay) is { } file)
        {
            return Report(target, dump, guard.Run(File.ReadAllBytes(file)) is { } finding ? [finding] : []);
        }

        string? folder = parse.GetValue(_corpus);
        TimeSpan limit = parse.GetValue(_seconds) is > 0 and double seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        Fuzzer fuzzer = new(target, parse.GetValue(_seed));
        Stopwatch clock = Stopwatch.StartNew();
        fuzzer.Run(guard, Inputs(target, folder), parse.GetValue(_runs), limit, Keep, () => Console.Error.WriteLine(Progress()));
        int code = Report(target, dump, fuzzer.Findings);
        Console.WriteLine($"{Progress()}, {fuzzer.Findings.Count} findings, {clock.Elapsed.TotalSeconds:F0} s");
        return code;

        string Progress() => string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {fuzzer.Runs} runs, {fuzzer.Runs / clock.Elapsed.TotalSeconds:F0}/s, {fuzzer.Edges} edges, {fuzzer.Kept} kept");

        void Keep(byte[] input)
        {
            if (folder is not null)
            {
                File.WriteAllBytes(Path.Combine(folder, NameOf(input)), input);
            }
        }
    }

    /// <summary>The target's own inputs, those that were findings once, and a folder's.</summary>
    private static IEnumerable<byte[]> Inputs(FuzzTarget target, string? folder)
    {
        IEnumerable<byte[]> known = [.. target.MakeSeeds(), .. RegressionInputs.Of(target.Name).Select(each => each.Input)];
        return folder is null
            ? known
            : known.Concat(Directory.CreateDirectory(folder).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => File.ReadAllBytes(file.FullName)).ToArray());
    }

    private static int Report(FuzzTarget target, string folder, IReadOnlyCollection<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            string path = Path.Combine(folder, $"{target.Name}-{NameOf(finding.Input)}");
            File.WriteAllBytes(path, finding.Input);
            Console.WriteLine($"FINDING {target.Name}: {finding.What}\n{finding.Details}\nin {path} ({finding.Input.Length} bytes)\n" +
                $"base64 {Convert.ToBase64String(finding.Input.AsSpan(0, Math.Min(finding.Input.Length, 3000)))}\n");
        }

        return findings.Count > 0 ? 1 : 0;
    }

    private static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8)) + ".bin";
}
