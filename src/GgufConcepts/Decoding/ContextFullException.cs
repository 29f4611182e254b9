namespace GgufConcepts.Decoding;

/// <summary>More rows were fed than a sequence can hold. Nothing was decoded.</summary>
public sealed class ContextFullException : ConceptInputException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="held">Rows the sequence holds already.</param>
    /// <param name="added">Rows that were to be added.</param>
    /// <param name="limit">Rows it can hold.</param>
    public ContextFullException(int held, int added, int limit)
        : base((held == 0
                ? $"A prompt of {added} tokens does not fit the context, which holds {limit}. "
                : $"{added} tokens do not fit: the context holds {limit} and has {held}. ") +
            "Shorten the prompt or load the model with a larger context.") =>
        (Held, Added, Limit) = (held, added, limit);

    /// <summary>Rows the sequence held already.</summary>
    public int Held { get; }

    /// <summary>Rows that were to be added.</summary>
    public int Added { get; }

    /// <summary>Rows it can hold.</summary>
    public int Limit { get; }
}
