using System.Diagnostics;
using System.Globalization;

namespace GgufConcepts.Native.Tests;

/// <summary>What a C compiler says about llama.cpp's own headers; native/abi/print_abi.sh prints it.</summary>
internal sealed class HeaderFacts
{
    private const int ToolMissing = 3; // exit code of print_abi.sh

    private static readonly Lazy<HeaderFacts> s_printed = new(Print);

    private readonly string? _missing;
    private readonly Dictionary<string, CStruct> _structs = [];
    private readonly Dictionary<string, CEnum> _enums = [];

    private HeaderFacts(string? missing) => _missing = missing;

    /// <summary>The facts; skips the test where a tool to print them is missing, except in CI.</summary>
    public static HeaderFacts Get()
    {
        HeaderFacts facts = s_printed.Value;
        if (facts._missing is { } missing)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", missing);
            Assert.Fail(missing);
        }

        return facts;
    }

    /// <summary>The struct of this C name, or null where the headers' program does not print it.</summary>
    public CStruct? FindStruct(string name) => _structs.GetValueOrDefault(name);

    /// <summary>The enum of this C name, or null where the headers' program does not print it.</summary>
    public CEnum? FindEnum(string name) => _enums.GetValueOrDefault(name);

    private static HeaderFacts Print()
    {
        string script = Path.Combine(RepositoryRoot(), "native", "abi", "print_abi.sh");
        using Process process = new();
        process.StartInfo = new("bash", [script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new("bash is not on the PATH.");
        }

        Task<string> errors = process.StandardError.ReadToEndAsync();
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode == ToolMissing)
        {
            return new(errors.Result.Trim());
        }

        Assert.True(process.ExitCode == 0, $"print_abi.sh ended with {process.ExitCode}: {errors.Result}");
        return Parse(lines);
    }

    private static HeaderFacts Parse(IEnumerable<string> lines)
    {
        HeaderFacts facts = new(missing: null);
        foreach (string line in lines)
        {
            string[] words = line.Trim().Split(' ');
            string[] path = words[1].Split('.'); // struct.field
            switch (words[0])
            {
                case "sizeof":
                    facts._structs.Add(words[1], new(Number(words[2]), []));
                    break;
                case "offsetof":
                    facts._structs[path[0]].Fields.Add(new(path[1], Number(words[2]), Size: 0, Kind: ""));
                    break;
                case "fieldsize":
                    facts._structs[path[0]].Fields[^1] = facts._structs[path[0]].Fields[^1] with { Size = Number(words[2]) };
                    break;
                case "fieldkind":
                    facts._structs[path[0]].Fields[^1] = facts._structs[path[0]].Fields[^1] with { Kind = words[2] };
                    break;
                case "enum":
                    facts._enums.TryAdd(words[1], new([]));
                    facts._enums[words[1]].Values.Add(words[2], Number(words[3]));
                    break;
                default:
                    throw new FormatException($"print_abi.sh printed '{line}'; use sizeof, offsetof, fieldsize, fieldkind or enum.");
            }
        }

        return facts;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "GgufConcepts.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No GgufConcepts.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>A struct: bytes, and fields in order.</summary>
internal sealed record CStruct(int Size, List<CField> Fields)
{
    public override string ToString() => $"{Size} bytes\n{string.Join("\n", Fields)}";
}

/// <summary>A field: bytes from the start of its struct, bytes, and "float" for float and double, else
/// "other".</summary>
internal sealed record CField(string Name, int Offset, int Size, string Kind)
{
    public override string ToString() => $"{Offset}: {Name}, {Size} bytes, {Kind}";
}

/// <summary>An enum: C names and values.</summary>
internal sealed record CEnum(Dictionary<string, int> Values);
