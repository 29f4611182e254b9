using GgufConcepts.Testing;

namespace GgufConcepts.Packages.Tests;

/// <summary>The packages, used as their users do.</summary>
[Collection(nameof(PackedFeed)), Trait("Speed", "Slow")]
public sealed class InstalledTests(PackedFeed feed)
{
    [Fact]
    public async Task Tool_InstalledFromTheFeed_ThinksInAnEmptyFolder()
    {
        using TempFolder folder = new();
        (await Programs.DotnetAsync(
            folder.Path, feed.Kept,
            "tool", "install", "GgufConcepts.Tool", "--add-source", feed.Feed, "--tool-path", "tool")).AssertDone();

        string empty = Directory.CreateDirectory(folder.File("empty")).FullName;
        Outcome thought = (await Programs.RunAsync(
            empty, folder.File(Path.Combine("tool", Programs.Executable("ggufconcepts"))),
            ["think", "The capital of France is", "--seed", "1"])).AssertDone();

        Assert.Contains("\u00b7Paris", thought.Output, StringComparison.Ordinal);
        Assert.Contains("read steps 0-1: Paris.", thought.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(empty));
    }

    [Fact]
    public async Task Sample_WithThePackagesAlone_RunsTheReadmesPageOfCode()
    {
        string sample = Path.Combine(feed.Repository, "tests", "Sample");
        Copy(Path.Combine("tests", "Sample"), "*");
        Copy(Path.Combine("tests", "GgufConcepts.Tests", "Readme"), "QuickStart.cs");

        (await Programs.DotnetAsync(
            sample, feed.Kept, "build", "-c", "Release", "--nologo", "-warnaserror")).AssertDone();
        string program = Path.Combine(feed.Repository, "artifacts", "sample", "bin", "Sample", "release", "Sample.dll");
        string model = TinyModels.Path(TinyArchitecture.Qwen2);
        Outcome run = (await Programs.RunAsync(sample, "dotnet", [program, model])).AssertDone();

        string[] lines = run.Output.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(16, lines.Count(line => line.StartsWith("entropy ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("read as: ", StringComparison.Ordinal));
    }

    private void Copy(string folder, string pattern)
    {
        string target = Directory.CreateDirectory(Path.Combine(feed.Repository, folder)).FullName;
        foreach (string path in Directory.GetFiles(Path.Combine(Programs.Root, folder), pattern))
        {
            File.Copy(path, Path.Combine(target, Path.GetFileName(path)));
        }
    }
}
