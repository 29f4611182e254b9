namespace GgufConcepts.Tracing.Html;

/// <summary>Which steps of a trace a reading covers.</summary>
/// <param name="Chunk">The reading.</param>
/// <param name="Number">Its number on the page, from 1.</param>
/// <param name="First">Place of its first step in the list of steps.</param>
/// <param name="Count">How many steps of the list.</param>
internal sealed record ChunkSpan(TraceChunk Chunk, int Number, int First, int Count)
{
    /// <summary>The chunks of a trace; <see cref="Count"/> is 0 for one whose steps are not there, or were read
    /// already.</summary>
    public static IReadOnlyList<ChunkSpan> Find(Trace trace)
    {
        Dictionary<int, int> places = [];
        for (int i = 0; i < trace.Steps.Count; i++)
        {
            places.TryAdd(trace.Steps[i].Index, i);
        }

        List<ChunkSpan> spans = [];
        int next = 0;
        foreach (TraceChunk chunk in trace.Chunks)
        {
            int first = places.GetValueOrDefault(chunk.FirstStep, -1);
            bool fits = first >= next && chunk.StepCount > 0;
            int count = fits ? Math.Min(chunk.StepCount, trace.Steps.Count - first) : 0;
            spans.Add(new ChunkSpan(chunk, spans.Count + 1, fits ? first : next, count));
            next = fits ? first + count : next;
        }

        return spans;
    }
}
