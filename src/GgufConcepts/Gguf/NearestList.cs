namespace GgufConcepts.Gguf;

/// <summary>The best few of the tokens offered, best first. One caller at a time.</summary>
/// <remarks>A sorted array: the lists are short, and nearly every offer fails at the first comparison.</remarks>
internal sealed class NearestList
{
    private readonly NearToken[] _tokens;
    private int _count;

    public NearestList(int capacity) => _tokens = new NearToken[capacity];

    public void Offer(NearToken token)
    {
        if (_count == _tokens.Length)
        {
            if (!IsBetter(token, _tokens[^1]))
            {
                return;
            }

            _count--;
        }

        int place = _count++;
        while (place > 0 && IsBetter(token, _tokens[place - 1]))
        {
            _tokens[place] = _tokens[place - 1];
            place--;
        }

        _tokens[place] = token;
    }

    public void Offer(NearestList other)
    {
        foreach (NearToken token in other._tokens.AsSpan(0, other._count))
        {
            Offer(token);
        }
    }

    public NearToken[] ToArray() => _tokens[.._count];

    private static bool IsBetter(NearToken token, NearToken than) =>
        token.Cosine > than.Cosine || (token.Cosine == than.Cosine && token.Id < than.Id);
}
