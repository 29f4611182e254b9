namespace GgufConcepts.Fuzz.Engine;

/// <summary>Inputs that each reached something new. One caller.</summary>
internal sealed class Corpus(Random random)
{
    private readonly List<byte[]> _inputs = [];

    public int Count => _inputs.Count;

    public void Add(byte[] input) => _inputs.Add(input);

    /// <summary>Any of them: every other time one of the newest quarter, which the others have not been drawn from
    /// yet; of two the shorter, which is the quicker.</summary>
    public byte[] Pick()
    {
        int first = random.Next(2) == 0 ? _inputs.Count * 3 / 4 : 0;
        byte[] one = _inputs[random.Next(first, _inputs.Count)];
        byte[] other = _inputs[random.Next(first, _inputs.Count)];
        return one.Length <= other.Length ? one : other;
    }
}
