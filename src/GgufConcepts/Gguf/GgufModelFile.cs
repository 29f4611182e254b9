using System.Globalization;
using System.Text.RegularExpressions;
using GgufConcepts.Native;

namespace GgufConcepts.Gguf;

/// <summary>A model's file, or all files of a model that was split, presented as one.</summary>
/// <remarks>
/// Any thread. Split models are named <c>name-00001-of-00003.gguf</c> and carry <c>split.no</c> (from 0),
/// <c>split.count</c> and <c>split.tensors.count</c>; the first file holds the settings.
/// </remarks>
public sealed partial class GgufModelFile : IDisposable
{
    /// <summary>What opening looks at, for people.</summary>
    public const string Rule = "the layout";

    private const int MaxParts = 4096; // our own: each is an open file, to llama.cpp too

    private readonly List<GgufFile> _files;
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);

    private GgufModelFile(List<GgufFile> files)
    {
        _files = files;
        foreach (GgufTensor tensor in files.SelectMany(file => file.Tensors))
        {
            if (!_tensors.TryAdd(tensor.Name, tensor))
            {
                throw new GgufException(
                    $"{tensor.Path}, byte {tensor.Offset}: tensor {tensor.Name} is also in " +
                    $"{_tensors[tensor.Name].Path}; the files do not belong together: download them again.");
            }
        }

        Tensors = [.. files.SelectMany(file => file.Tensors)];
        Paths = [.. files.Select(file => file.Path)];
    }

    /// <summary>The settings: those of the first file.</summary>
    public GgufMetadata Metadata => _files[0].Metadata;

    /// <summary>The tensors of all files, in order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Whether every weight is a 32-bit float: attention is then computed in them too.</summary>
    internal bool IsFloat32 => Tensors.All(tensor => tensor.Type == GgmlType.F32);

    /// <summary>The files in order, as llama.cpp wants them.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Bytes of all files.</summary>
    public long Length => _files.Sum(file => file.Length);

    /// <summary>Opens a model, given its file or any of its files, and checks them together.</summary>
    /// <exception cref="GgufException">A file is missing or damaged, or the files do not belong together.</exception>
    public static GgufModelFile Open(string path)
    {
        HeadRoom room = new();
        List<GgufFile> opened = [GgufFile.Open(path, room)]; // to be closed if anything is wrong
        try
        {
            int count = SplitNumber(opened[0], "split.count", absent: 1);
            return new GgufModelFile(count > 1 ? OpenParts(opened, count, room) : opened);
        }
        catch
        {
            opened.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>The tensor of a name, or null.</summary>
    public GgufTensor? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _tensors.GetValueOrDefault(name);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>Opens the other parts. Returns all in order.</summary>
    private static List<GgufFile> OpenParts(List<GgufFile> opened, int count, HeadRoom room)
    {
        GgufFile given = opened[0];
        if (count > MaxParts)
        {
            throw new GgufException($"{given.Path}: is one of {count} parts; a model has at most {MaxParts}.");
        }

        int number = SplitNumber(given, "split.no", absent: -1);
        Match name = PartName().Match(given.Path);
        string expected = string.Create(CultureInfo.InvariantCulture, $"-{number + 1:D5}-of-{count:D5}.gguf");
        if (number < 0 || number >= count || !name.Success || !given.Path.EndsWith(expected, StringComparison.Ordinal))
        {
            throw new GgufException(
                $"{given.Path}: holds part {number + 1} of {count} but is not named so; its name must end in " +
                $"{expected}, beside the other parts: give the files the names they were published under.");
        }

        string stem = given.Path[..name.Index];
        List<GgufFile> files = [];
        for (int i = 0; i < count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i + 1:D5}-of-{count:D5}.gguf");
            files.Add(i == number ? given : OpenPart(path, i, count, opened, room));
        }

        long total = files.Sum(file => (long)file.Tensors.Count);
        if (!files[0].Metadata.TryGetInteger("split.tensors.count", out long declared) || declared != total)
        {
            throw new GgufException(
                $"{files[0].Path}: split.tensors.count is {declared} and the {count} files hold {total} tensors; " +
                "they do not belong together: download them again.");
        }

        return files;
    }

    private static GgufFile OpenPart(string path, int number, int count, List<GgufFile> opened, HeadRoom room)
    {
        if (!File.Exists(path))
        {
            throw new GgufException($"{path}: part {number + 1} of {count} is missing; download it beside the others.");
        }

        GgufFile file = GgufFile.Open(path, room);
        opened.Add(file);
        int foundNumber = SplitNumber(file, "split.no", absent: -1);
        int foundCount = SplitNumber(file, "split.count", absent: 1);
        return foundNumber == number && foundCount == count
            ? file
            : throw new GgufException(
                $"{path}: is named as part {number + 1} of {count} but says it is part {foundNumber + 1} of " +
                $"{foundCount}; download it again.");
    }

    /// <summary>These two must be UInt16: llama.cpp ends the process over any other type.</summary>
    private static int SplitNumber(GgufFile file, string key, int absent)
    {
        if (file.Metadata.Find(key) is not { } entry)
        {
            return absent;
        }

        entry.Require(entry.Type == GgufValueType.UInt16, "a number of type UInt16");
        return entry.AsInteger<int>();
    }

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
