using System.Diagnostics;
using GgufConcepts.Decoding;
using GgufConcepts.Mixing;

namespace GgufConcepts.Thinking;

/// <summary>Something that grows in a sequence of a batch.</summary>
internal interface IBatchMember
{
    /// <summary>Its sequence.</summary>
    Timeline Timeline { get; }

    /// <summary>Goes on from the logits of its timeline until its next row waits there. May run at the same time as other
    /// members do, so it does not touch the decoder.</summary>
    void Advance();
}

/// <summary>One step of several sequences: each decides on its next row, on several processors, and one decode feeds the
/// rows. Allocates nothing a step.</summary>
/// <param name="decoder">Has the members' sequences.</param>
/// <param name="most">Most members.</param>
internal sealed class BatchStep(IDecoder decoder, int most) : IPartedJob
{
    /// <summary>Logits below which waking another processor costs more than it saves: these take some ten microseconds
    /// to mix.</summary>
    private const long LeastLogits = 1 << 16;

    private readonly List<IBatchMember> _members = new(most);
    private readonly int[] _sequences = new int[most];
    private readonly int[] _tokens = new int[most];
    private readonly float[] _vectors = new float[most * decoder.Info.VectorWidth];
    private ParallelParts? _parts;

    /// <summary>Those that take part in the step, in the order of their rows.</summary>
    public IReadOnlyList<IBatchMember> Members => _members;

    public void Clear() => _members.Clear();

    public void Add(IBatchMember member) => _members.Add(member);

    /// <summary>Lets every member decide.</summary>
    public void Advance()
    {
        if ((long)_members.Count * decoder.Info.VocabularySize < LeastLogits)
        {
            foreach (IBatchMember member in _members)
            {
                member.Advance();
            }
        }
        else
        {
            (_parts ??= new ParallelParts(this, most)).Run(_members.Count);
        }
    }

    /// <summary>Feeds the rows that wait, all of one kind, in one decode.</summary>
    /// <param name="outputs">What to leave behind, for every member.</param>
    /// <param name="cancellation">Aborts the computation.</param>
    public void Feed(Outputs outputs, CancellationToken cancellation)
    {
        int count = _members.Count;
        int width = decoder.Info.VectorWidth;
        RowKind kind = _members[0].Timeline.Waiting;
        for (int i = 0; i < count; i++)
        {
            Timeline timeline = _members[i].Timeline;
            Debug.Assert(timeline.Waiting == kind && kind != RowKind.None);
            _sequences[i] = timeline.Sequence;
            _tokens[i] = timeline.Token;
            if (kind == RowKind.Vector)
            {
                timeline.Vector.CopyTo(_vectors.AsSpan(i * width, width));
            }
        }

        if (kind == RowKind.Vector)
        {
            decoder.Step(_sequences.AsSpan(0, count), _vectors.AsSpan(0, count * width), outputs, cancellation);
        }
        else
        {
            decoder.Step(_sequences.AsSpan(0, count), _tokens.AsSpan(0, count), outputs, cancellation);
        }

        for (int i = 0; i < count; i++)
        {
            _members[i].Timeline.Fed(output: i);
        }

        // llama.cpp waits for the device and sorts the outputs at the first look; later looks only read, so that several
        // processors may look at once.
        _ = decoder.Logits();
    }

    void IPartedJob.Run(int part) => _members[part].Advance();
}
