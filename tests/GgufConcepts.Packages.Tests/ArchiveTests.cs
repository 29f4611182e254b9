using System.Formats.Tar;
using System.IO.Compression;
using GgufConcepts.Testing;

namespace GgufConcepts.Packages.Tests;

/// <summary>The archive for people without .NET.</summary>
[Trait("Speed", "Slow")]
public sealed class ArchiveTests
{
    [Fact]
    public async Task Publish_ItsArchiveUnpacked_ThinksWithoutDotnet()
    {
        SkipWithoutLinker();
        using TempFolder folder = new();
        (await Programs.BuildAsync("publish", "--to", folder.File("made"))).AssertDone();

        string archive = Assert.Single(Directory.GetFileSystemEntries(folder.File("made")));
        string ending = OperatingSystem.IsWindows() ? "zip" : "tar.gz";
        Assert.Matches($@"^ggufconcepts-\d+\.\d+\.\d+-{Programs.Rid}\.{ending}$", Path.GetFileName(archive));
        string root = await UnpackAsync(archive, folder.File("unpacked"));

        string name = Programs.Executable("ggufconcepts");
        Assert.Equal(
            ["DOTNET-THIRD-PARTY-NOTICES.txt", "LICENSE", "README.md", "THIRD-PARTY-NOTICES.txt", name],
            Directory.GetFiles(root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

        string empty = Directory.CreateDirectory(folder.File("empty")).FullName;
        string program = Path.Combine(root, name);
        Outcome thought = await Programs.RunAloneAsync(empty, program, "think", "The capital of France is");
        thought.AssertDone();
        Assert.Contains("read steps 0-1: Paris.", thought.Output, StringComparison.Ordinal);

        Outcome doctor = (await Programs.RunAloneAsync(empty, program, "doctor")).AssertDone();
        Assert.Contains(Path.Combine(root, "runtimes", Programs.Rid, "native"), doctor.Output, StringComparison.Ordinal);
    }

    private static void SkipWithoutLinker()
    {
        string studio = Environment.ExpandEnvironmentVariables(
            @"%ProgramFiles(x86)%\Microsoft Visual Studio\Installer\vswhere.exe");
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        bool links = OperatingSystem.IsWindows()
            ? File.Exists(studio)
            : folders.Any(at => File.Exists(Path.Combine(at, "clang")) || File.Exists(Path.Combine(at, "gcc")));
        bool must = OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CI") == "true";
        Assert.SkipUnless(
            links || must, "Nothing here links a native executable: clang, gcc, or Visual Studio's C++ tools.");
    }

    private static async Task<string> UnpackAsync(string archive, string folder)
    {
        Directory.CreateDirectory(folder);
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            await ZipFile.ExtractToDirectoryAsync(archive, folder);
        }
        else
        {
            await using FileStream file = File.OpenRead(archive);
            await using GZipStream unpacked = new(file, CompressionMode.Decompress);
            await TarFile.ExtractToDirectoryAsync(unpacked, folder, overwriteFiles: false);
        }

        return Assert.Single(Directory.GetDirectories(folder));
    }
}
