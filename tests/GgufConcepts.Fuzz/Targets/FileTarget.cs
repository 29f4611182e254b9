using GgufConcepts.Fuzz.Engine;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>A target that reads files: they lie in memory where the system has such a folder.</summary>
internal abstract class FileTarget : FuzzTarget
{
    private readonly string _folder;

    protected FileTarget()
    {
        string memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Directory.CreateDirectory(Path.Combine(memory, $"ggufconcepts-fuzz-{Guid.NewGuid():N}")).FullName;
    }

    /// <summary>The path of a file of this target's.</summary>
    protected string PathOf(string name) => Path.Combine(_folder, name);

    /// <inheritdoc/>
    public override void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose();
    }
}
