using GgufConcepts.Mixing;

namespace GgufConcepts.Strategies;

/// <summary>What a step feeds.</summary>
public enum InputKind
{
    /// <summary>One token.</summary>
    Token,

    /// <summary>The mixture of the embeddings of several tokens.</summary>
    Concept,

    /// <summary>A hidden state, or another vector that is no mixture of embeddings.</summary>
    Hidden,
}

/// <summary>The decision of one step: a buffer that is used again at every step.</summary>
public sealed class NextInput
{
    private readonly float[] _vector;

    /// <summary>Makes the buffer.</summary>
    /// <param name="vectorWidth">Floats in one input vector.</param>
    public NextInput(int vectorWidth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vectorWidth);
        _vector = new float[vectorWidth];
    }

    /// <summary>What to feed.</summary>
    public InputKind Kind { get; private set; }

    /// <summary>The token to feed, where <see cref="Kind"/> says so; else -1.</summary>
    public int Token { get; private set; } = -1;

    /// <summary>The token that the rule drew or chose at this step, fed alone or within a mixture; -1 where it chose
    /// none.</summary>
    public int Chosen { get; private set; } = -1;

    /// <summary>What the model itself says at this step, which is what stop rules look at: the token chosen, the one that
    /// noise has put first, or else the likeliest of the whole vocabulary.</summary>
    public int Said { get; private set; } = -1;

    /// <summary>Whether <see cref="Vector"/> is what to feed, rather than something that <see cref="Token"/> or
    /// <see cref="Concept"/> tells.</summary>
    public bool FeedsVector { get; private set; }

    /// <summary>Whether the rule ends the thought here: nothing is fed.</summary>
    public bool Ends { get; private set; }

    /// <summary>The tokens mixed, or the likeliest ones where nothing is mixed, with the entropy of the
    /// whole.</summary>
    public ConceptToken Concept { get; } = new();

    /// <summary>The vector to feed where <see cref="FeedsVector"/>.</summary>
    public Span<float> Vector => _vector;

    /// <summary>Feeds one token.</summary>
    public void FeedToken(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        Set(InputKind.Token, token: id, chosen: id);
    }

    /// <summary>Feeds the mixture in <see cref="Concept"/>; a mixture of one token is that token.</summary>
    /// <param name="chosen">The token that the rule drew, where it drew one.</param>
    public void FeedConcept(int chosen = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chosen, -1);
        if (Concept.Count == 0)
        {
            throw new InvalidOperationException("The concept is empty; fill it before it is fed.");
        }

        bool single = Concept.Count == 1;
        Set(single ? InputKind.Token : InputKind.Concept, single ? Concept.Ids[0] : -1, chosen);
    }

    /// <summary>Feeds a mixture whose weights are random: it says its first token, unless the likeliest of all is one
    /// that may not be mixed.</summary>
    /// <param name="neverMixed">The tokens that may not be mixed.</param>
    public void FeedNoisyConcept(TokenMask neverMixed)
    {
        ArgumentNullException.ThrowIfNull(neverMixed);
        FeedConcept();
        Said = neverMixed.Contains(Concept.Top) ? Concept.Top : Concept.Ids[0];
    }

    /// <summary>Feeds <see cref="Vector"/>.</summary>
    /// <param name="kind">Whether it was made of embeddings, though in a way that <see cref="Concept"/> does not tell, or
    /// is a hidden state.</param>
    public void FeedVector(InputKind kind = InputKind.Hidden)
    {
        if (kind is < InputKind.Token or > InputKind.Hidden)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of input.");
        }

        Set(kind, token: -1, chosen: -1);
        FeedsVector = true;
    }

    /// <summary>Ends the thought: its end marker and the answer follow.</summary>
    public void End()
    {
        Set(InputKind.Token, token: -1, chosen: -1);
        Ends = true;
    }

    private void Set(InputKind kind, int token, int chosen) => (Kind, Token, Chosen, Said, FeedsVector, Ends) =
        (kind, token, chosen, chosen >= 0 ? chosen : Concept.Top, false, false);
}
