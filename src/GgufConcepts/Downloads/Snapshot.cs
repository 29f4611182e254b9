using System.Text;

namespace GgufConcepts.Downloads;

/// <summary>Gives blobs of the cache their names: files of a commit, and branches.</summary>
internal static class Snapshot
{
    /// <summary>Puts a file into the snapshot of a commit, as a link to its blob; where the system has no links, the blob
    /// itself.</summary>
    /// <returns>Its path.</returns>
    public static string Add(string folder, string commit, PullFile file)
    {
        string blob = Path.Combine(folder, "blobs", file.Tag);
        string path = PathOf(folder, commit, file);
        string place = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(place);
        if (Has(folder, commit, file))
        {
            return path;
        }

        string link = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.CreateSymbolicLink(link, Path.GetRelativePath(place, blob));
            File.Move(link, path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            File.Delete(link);
            File.Move(blob, path, overwrite: true);
        }

        return path;
    }

    /// <summary>Whether the snapshot holds the file itself.</summary>
    public static bool Has(string folder, string commit, PullFile file) =>
        new FileInfo(PathOf(folder, commit, file)) is { LinkTarget: null, Exists: true } plain && plain.Length == file.Bytes;

    private static string PathOf(string folder, string commit, PullFile file) =>
        Path.Combine([folder, "snapshots", commit, .. file.Path.Split('/')]);

    /// <summary>Writes which commit a branch or tag stands for; of a commit nothing needs to be written.</summary>
    public static void Name(string folder, string revision, string commit)
    {
        if (revision == commit)
        {
            return;
        }

        string path = Path.Combine([folder, "refs", .. revision.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, file => file.Write(Encoding.ASCII.GetBytes(commit)));
    }
}
