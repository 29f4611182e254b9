namespace GgufConcepts.Reading;

/// <summary>What the reader made of some vectors, and how far that follows from them.</summary>
/// <param name="Text">Its likeliest words.</param>
/// <param name="Ids">Their tokens, without the line break or marker that ended them.</param>
public sealed record CloseReading(string Text, IReadOnlyList<int> Ids)
{
    /// <summary>How far the words follow from the vectors; null where that was not asked for, or there are no
    /// words.</summary>
    public Faithfulness? Faithfulness { get; init; }

    /// <summary>The readings drawn, alike ones together, the most frequent first; null where none were asked
    /// for.</summary>
    public IReadOnlyList<ReadingGroup>? Readings { get; init; }

    /// <summary>What was read in the place of these vectors; null where that was not asked for.</summary>
    public IReadOnlyList<ControlReading>? Controls { get; init; }
}

/// <summary>Readings that say the same.</summary>
/// <param name="Text">Their words, as the first of them said it.</param>
/// <param name="Count">How many.</param>
/// <param name="Share">How many of all that were drawn, 0 to 1.</param>
/// <param name="Faithfulness">Of the first of them; null where that was not asked for, or there are no words.</param>
public sealed record ReadingGroup(string Text, int Count, double Share, Faithfulness? Faithfulness = null);

/// <summary>Other vectors, read in the same way in the same place.</summary>
/// <param name="Name"><c>mean</c>, <c>shuffled</c> or <c>other</c>.</param>
/// <param name="Probability">That the true reading's words are said of these vectors, 0 to 1: near 0 unless the reader
/// says them anyway. 1 where there are no words.</param>
/// <param name="Text">What the reader says of these vectors itself.</param>
/// <param name="Faithfulness">How far that follows from these vectors; null where there are no words.</param>
public sealed record ControlReading(string Name, double Probability, string Text, Faithfulness? Faithfulness = null);
