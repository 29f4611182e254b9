using System.Globalization;
using System.Text.RegularExpressions;

namespace GgufConcepts.Stores;

/// <summary>What the name of a GGUF file tells: its quantisation, and which part of a split model it is.</summary>
public static partial class GgufFileName
{
    private static readonly string[] s_usual = ["Q4_K_M", "Q8_0"];
    private static readonly string[] s_noModels = ["mmproj", "imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"];

    /// <summary>Whether a name is that of a language model: not of a projector, an importance matrix or a draft model.</summary>
    /// <remarks>As llama.cpp tells them apart (common/download.cpp, v0.4.0).</remarks>
    public static bool IsModel(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
        && !s_noModels.Any(word => Last(path).Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a file is a language model, or the first of a split one.</summary>
    internal static bool BeginsModel(string path) => IsModel(path) && PartOf(path) is null or (1, _);

    /// <summary>The file to take where a repository or folder holds several: that of a quantisation, or Q4_K_M, Q8_0, the
    /// first; of a split model its first part.</summary>
    /// <param name="paths">What there is, with forward slashes.</param>
    /// <param name="quantisation">Such as Q4_K_M, in capitals or not; null for the usual choice.</param>
    /// <returns>Null where none fits.</returns>
    public static string? Choose(IEnumerable<string> paths, string? quantisation)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] models = [.. paths.Where(BeginsModel).Order(StringComparer.Ordinal)];
        return quantisation is not null
            ? models.FirstOrDefault(path => Names(path, quantisation))
            : s_usual.Select(usual => models.FirstOrDefault(path => Names(path, usual))).FirstOrDefault(path => path is not null)
                ?? models.FirstOrDefault();
    }

    /// <summary>All files of the model that a file belongs to: itself, or every part of a split model in order.</summary>
    public static IReadOnlyList<string> AllParts(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PartOf(path) is (_, int count)
            ? [.. Enumerable.Range(1, count).Select(part => PartEnding().Replace(
                path, string.Create(CultureInfo.InvariantCulture, $"-{part:D5}-of-{count:D5}.gguf")))]
            : [path];
    }

    /// <summary>The quantisation that a name ends in, in capitals; null where it tells none.</summary>
    public static string? QuantisationOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Match found = QuantisationEnding().Match(PartEnding().Replace(Last(path), ".gguf"));
        return found.Success ? found.Groups[1].Value.ToUpperInvariant() : null;
    }

    /// <summary>Which part of how many a file is; null where the model is whole.</summary>
    private static (int Part, int Count)? PartOf(string path) =>
        PartEnding().Match(path) is { Success: true } found
        && (Number(found.Groups[1]), Number(found.Groups[2])) is var (part, count) && part >= 1 && part <= count
            ? (part, count)
            : null;

    /// <summary>Whether a quantisation stands in a path, bounded by what is no letter or digit: F16 is not in BF16.</summary>
    private static bool Names(string path, string quantisation) => Regex.IsMatch(
        path, $"(?<![A-Za-z0-9]){Regex.Escape(quantisation)}[.-]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-([0-9]{5})-of-([0-9]{5})\.gguf$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PartEnding();

    [GeneratedRegex(@"(?:^|[-._/])((?:I?Q\d|T?Q\d|BF16|F16|F32|MXFP4|NVFP4)[A-Z0-9_]*)\.gguf$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex QuantisationEnding();
}
