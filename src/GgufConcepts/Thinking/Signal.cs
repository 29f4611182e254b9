namespace GgufConcepts.Thinking;

/// <summary>What a thought waits for before it can go on.</summary>
internal enum Wish
{
    /// <summary>Nothing: it told of an event.</summary>
    None,

    /// <summary>Its prompt shall be fed.</summary>
    Prompt,

    /// <summary>The row that waits in its timeline shall be fed.</summary>
    Row,

    /// <summary>Nothing, but its turn: what comes next uses the decoder for a reading.</summary>
    Reading,

    /// <summary>Nothing, but its turn: all rows from here on are tokens.</summary>
    Tokens,
}

/// <summary>What a thought gives to the one who drives it: an event, or what it waits for.</summary>
internal readonly record struct Signal(Wish Wish, ThoughtEvent? Event)
{
    public static implicit operator Signal(ThoughtEvent happened) => new(Wish.None, happened);

    public static implicit operator Signal(Wish wish) => new(wish, null);
}
