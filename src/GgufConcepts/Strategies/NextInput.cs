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
    public NextInput(int vectorWidth) => _vector = new float[vectorWidth];

    /// <summary>What to feed.</summary>
    public InputKind Kind { get; private set; }

    /// <summary>The token to feed, where <see cref="Kind"/> says so; else -1.</summary>
    public int Token { get; private set; } = -1;

    /// <summary>The tokens mixed, or the likeliest ones where nothing is mixed, with the entropy of the
    /// whole.</summary>
    public ConceptToken Concept { get; } = new();

    /// <summary>The vector to feed where <see cref="Kind"/> is <see cref="InputKind.Hidden"/>.</summary>
    public Span<float> Vector => _vector;

    /// <summary>Feeds one token.</summary>
    public void FeedToken(int id)
    {
        Kind = InputKind.Token;
        Token = id;
    }

    /// <summary>Feeds the mixture in <see cref="Concept"/>; a mixture of one token is that token.</summary>
    public void FeedConcept()
    {
        if (Concept.Count == 1)
        {
            FeedToken(Concept.Ids[0]);
            return;
        }

        Kind = InputKind.Concept;
        Token = -1;
    }

    /// <summary>Feeds <see cref="Vector"/>.</summary>
    public void FeedVector()
    {
        Kind = InputKind.Hidden;
        Token = -1;
    }
}
