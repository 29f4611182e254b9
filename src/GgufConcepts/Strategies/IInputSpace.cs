namespace GgufConcepts.Strategies;

/// <summary>The space of a model's input vectors, as far as a rule may use it.</summary>
/// <remarks>Rows are as the model wants them fed: scaled where it scales tokens. One caller at a time.</remarks>
public interface IInputSpace
{
    /// <summary>Floats in one vector.</summary>
    int Width { get; }

    /// <summary>The mean length of a row, over the whole table.</summary>
    /// <remarks>The first use reads the table once.</remarks>
    double MeanNorm { get; }

    /// <summary>The root of the mean square of all numbers of the table.</summary>
    /// <remarks>The first use reads the table once.</remarks>
    double RootMeanSquare { get; }

    /// <summary>The map from hidden states to input vectors that undoes the output head best, in least squares.</summary>
    /// <remarks>The first use computes it, which takes minutes on a large model, or reads it from the cache.</remarks>
    IRealignment Realignment { get; }

    /// <summary>Computes the sum of some rows, each by its weight.</summary>
    /// <param name="ids">Tokens, at most <see cref="Mixing.ConceptToken.Capacity"/>.</param>
    /// <param name="weights">One weight a token; any finite numbers, also below 0.</param>
    /// <param name="destination">Receives the vector, shape [<see cref="Width"/>].</param>
    void Mix(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights, Span<float> destination);

    /// <summary>Computes the sum of all rows, each by its weight.</summary>
    /// <param name="weights">One weight a token of the vocabulary, 0 or more.</param>
    /// <param name="destination">Receives the vector, shape [<see cref="Width"/>].</param>
    void MixAll(ReadOnlySpan<float> weights, Span<float> destination);
}

/// <summary>A linear map from hidden states to input vectors.</summary>
public interface IRealignment
{
    /// <summary>Maps one hidden state.</summary>
    /// <param name="hidden">Shape [hidden width].</param>
    /// <param name="destination">Receives the vector, shape [vector width].</param>
    void Apply(ReadOnlySpan<float> hidden, Span<float> destination);
}
