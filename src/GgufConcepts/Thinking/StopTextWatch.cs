namespace GgufConcepts.Thinking;

/// <summary>Looks for the texts that end an answer while it is written, and holds back what may be the beginning of
/// one.</summary>
/// <param name="texts">None of them empty.</param>
internal sealed class StopTextWatch(IReadOnlyList<string> texts)
{
    private string _held = "";

    /// <summary>Whether one was found: the answer ends before it.</summary>
    public bool Found { get; private set; }

    /// <summary>Adds to the answer, and returns what certainly belongs to it: nothing, once the end was found.</summary>
    public string Add(string piece)
    {
        if (Found)
        {
            return "";
        }

        string text = _held + piece;
        int end = texts.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1).Min();
        Found = end >= 0;
        int free = Found ? end : text.Length - texts.Select(stop => Overlap(text, stop)).DefaultIfEmpty(0).Max();
        _held = Found ? "" : text[free..];
        return text[..free];
    }

    /// <summary>Ends the answer, and returns what was held back.</summary>
    public string Finish()
    {
        string held = _held;
        _held = "";
        return held;
    }

    /// <summary>How many characters at the end of a text are the beginning of another.</summary>
    private static int Overlap(string text, string stop)
    {
        int length = Math.Min(text.Length, stop.Length - 1);
        while (length > 0 && !text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
        {
            length--;
        }

        return length;
    }
}
