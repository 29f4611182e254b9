using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>Mixes the whole vocabulary: what <c>full</c>, <c>noise</c> and <c>switch</c> share. One caller at a
/// time.</summary>
/// <remarks>Where a few tokens hold all the probability but float rounding, they are the mixture; else every row of the
/// table is summed, and the tokens listed are only the likeliest.</remarks>
internal sealed class WholeMixture
{
    private const double Rounding = 1e-7;
    private const int Listed = 10; // of a mixture that a list cannot tell

    private static readonly MixOptions s_all = new() { MaxTopK = ConceptToken.Capacity };

    private readonly ConceptMixer _mixer;
    private readonly IInputSpace _space;
    private readonly float[] _probabilities;

    public WholeMixture(StrategyContext context)
    {
        _mixer = new ConceptMixer(context.NeverMixed);
        _space = context.Space;
        _probabilities = new float[context.VocabularySize];
    }

    /// <summary>Feeds the mixture at temperature 1, blended with a marker where wanted.</summary>
    /// <param name="logits">Shape [vocabulary].</param>
    /// <param name="next">Receives it.</param>
    /// <param name="marker">Tokens of a marker; may be empty.</param>
    /// <param name="share">What part of the whole the marker's tokens get together, 0 to 1.</param>
    public void Feed(ReadOnlySpan<float> logits, NextInput next, IReadOnlyList<int> marker, double share)
    {
        ConceptToken concept = next.Concept;
        share = marker.Count > 0 ? share : 0;
        double left = _mixer.MixAndDistribute(logits, s_all, concept, 1 - share, _probabilities) + Blend(marker, share);

        Span<int> ids = stackalloc int[ConceptToken.Capacity];
        Span<float> weights = stackalloc float[ConceptToken.Capacity];
        int count = 0;
        for (int i = 0; share > 0 && i < marker.Count && count < ids.Length; i++)
        {
            left -= Take(marker[i], ids, weights, ref count);
        }

        for (int i = 0; i < concept.Count && count < ids.Length && left > Rounding; i++)
        {
            left -= Take(concept.Ids[i], ids, weights, ref count);
        }

        bool tellsAll = left <= Rounding;
        count = tellsAll ? count : Math.Min(count, Listed);
        concept.Set(ids[..count], weights[..count]);
        if (tellsAll)
        {
            next.FeedConcept();
        }
        else
        {
            _space.MixAll(_probabilities, next.Vector);
            next.FeedVector(InputKind.Concept);
        }
    }

    private float Take(int id, Span<int> ids, Span<float> weights, ref int count)
    {
        if (ids[..count].Contains(id))
        {
            return 0; // a marker's tokens may repeat
        }

        (ids[count], weights[count]) = (id, _probabilities[id]);
        return weights[count++];
    }

    /// <summary>Adds a marker's tokens.</summary>
    /// <returns>What they add to the sum.</returns>
    private double Blend(IReadOnlyList<int> marker, double share)
    {
        double added = 0;
        for (int i = 0; share > 0 && i < marker.Count; i++)
        {
            ref float probability = ref _probabilities[marker[i]];
            added -= probability;
            probability += (float)(share / marker.Count);
            added += probability;
        }

        return added;
    }
}
