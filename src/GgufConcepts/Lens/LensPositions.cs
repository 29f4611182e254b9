using System.Globalization;

namespace GgufConcepts.Lens;

/// <summary>Which positions of a sequence a lens looks at. Immutable.</summary>
public sealed class LensPositions
{
    private readonly List<(int First, int Last)>? _ranges; // null: the last of the prompt and every step

    private LensPositions(string text, List<(int First, int Last)>? ranges)
    {
        Text = text;
        _ranges = ranges;
    }

    /// <summary>The last position of the prompt, and every step.</summary>
    public static LensPositions Last { get; } = new("last", null);

    /// <summary>Every position.</summary>
    public static LensPositions All { get; } = new("all", [(0, int.MaxValue)]);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Reads <c>last</c>, <c>all</c>, or numbers and ranges from 0 such as <c>0,3-5</c>.</summary>
    /// <exception cref="ConceptInputException">It is none of these.</exception>
    public static LensPositions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "last" => Last,
            "all" => All,
            _ => new LensPositions(text, [.. text.Split(',').Select(part => Range(part, text))]),
        };
    }

    /// <summary>Whether a position is looked at.</summary>
    /// <param name="position">The position, from 0.</param>
    /// <param name="promptLength">Positions of the prompt.</param>
    public bool Contains(int position, int promptLength) => _ranges is null
        ? position >= promptLength - 1
        : _ranges.Any(range => position >= range.First && position <= range.Last);

    /// <summary>The first named position past the end of a sequence, if one is.</summary>
    internal int? PastEnd(int length) => _ranges is null || ReferenceEquals(this, All)
        ? null
        : _ranges.Select(range => (int?)range.Last).FirstOrDefault(last => last >= length);

    private static (int First, int Last) Range(string part, string text)
    {
        string[] ends = part.Split('-');
        bool isRange = ends.Length <= 2 && ends.All(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        (int first, int last) = isRange
            ? (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[^1], CultureInfo.InvariantCulture))
            : (1, 0);
        return first <= last
            ? (first, last)
            : throw new ConceptInputException(
                $"The positions are '{text}'; use last, all, or numbers from 0 such as 0,3-5 (the prompt's first, then the steps).");
    }
}
