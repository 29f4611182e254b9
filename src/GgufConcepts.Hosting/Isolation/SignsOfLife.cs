namespace GgufConcepts.Hosting.Isolation;

/// <summary>Whether a model's process gets on: it decodes, or cuts a text into tokens, which counts only so long, for nothing
/// shows whether that gets on.</summary>
internal sealed class SignsOfLife(TimeProvider clock)
{
    /// <summary>Time for texts to be cut while nothing is decoded: many times what the longest take.</summary>
    public static TimeSpan LongestText { get; } = TimeSpan.FromMinutes(10);

    private long _decodes;
    private long _last = clock.GetTimestamp(); // when something else was seen than a text being cut

    /// <summary>Looks again.</summary>
    /// <param name="decodes">How many decodes have begun.</param>
    /// <param name="tokenizing">Whether a text is being cut.</param>
    public bool Look(long decodes, bool tokenizing)
    {
        bool decoded = decodes != _decodes;
        if (decoded || !tokenizing)
        {
            (_decodes, _last) = (decodes, clock.GetTimestamp());
        }

        return decoded || (tokenizing && clock.GetElapsedTime(_last) < LongestText);
    }
}
