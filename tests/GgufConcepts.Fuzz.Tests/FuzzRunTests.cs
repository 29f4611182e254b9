using System.Text.RegularExpressions;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Fuzz.Targets;

namespace GgufConcepts.Fuzz.Tests;

/// <summary>A few seconds of what runs for hours at night: <c>./build.sh fuzz</c>.</summary>
public sealed partial class FuzzRunTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.Real];

    public static TheoryData<string, string, string> Regressions =>
    [
        .. FuzzTargets.Real.SelectMany(target => RegressionInputs.Of(target).Select(
            each => (target, each.What, Convert.ToBase64String(each.Input)))),
    ];

    [Theory, MemberData(nameof(Targets))]
    public async Task Run_AFewSeconds_FindsNothing(string target)
    {
        (int code, string output) = await FuzzProgram.RunAsync(target, "--seconds", "2", "--seed", "1");

        Assert.True(code == 0, output);
        Match told = LastLine().Match(output);
        Assert.True(told.Success, output);
        Assert.True(int.Parse(told.Groups["runs"].Value) > 100, output);
        Assert.True(int.Parse(told.Groups["edges"].Value) > 50, output); // what it runs is what was instrumented
    }

    [Fact]
    public async Task Run_PlantedFault_IsFoundAndMadeShort()
    {
        (int code, string output) = await FuzzProgram.RunAsync(PlantedTarget.Word, "--runs", "200000", "--seed", "1");

        Assert.True(code == 1, output);
        Assert.Contains("FINDING planted: IndexOutOfRangeException", output, StringComparison.Ordinal);
        Assert.Contains("base64 ZqV0\n", output, StringComparison.Ordinal); // 'f', 0xA5, 't', and nothing else
        Assert.Contains(", 1 findings,", output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Regressions))]
    public void Run_WhatWasAFindingOnce_IsNoneNow(string target, string what, string input)
    {
        using FuzzTarget code = FuzzTargets.Make(target);
        Exception? problem = Record.Exception(() => code.Run(Convert.FromBase64String(input)));
        Assert.True(problem is null, $"{what}: {problem}");
    }

    [GeneratedRegex(@": (?<runs>\d+) runs, \d+/s, (?<edges>\d+) edges, \d+ kept, 0 findings, \d+ s\s*$", RegexOptions.Multiline)]
    private static partial Regex LastLine();
}
