using System.Text;
using GgufConcepts.Fuzz.Mutation;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>Code of ours that takes input from others. One caller.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>What the command line calls it.</summary>
    public abstract string Name { get; }

    /// <summary>The longest input that is tried, in bytes.</summary>
    public virtual int MaxLength => 1 << 14;

    /// <summary>Texts that inputs are made of: keys, signs, names.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Changes that know the input's form, beside those of single bytes.</summary>
    public virtual IMutation? Structure => null;

    /// <summary>Inputs that are right, to begin with.</summary>
    public abstract IEnumerable<byte[]> MakeSeeds();

    /// <summary>Gives an input to the code. Whatever this throws is a finding.</summary>
    public abstract void Run(byte[] input);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>Runs what may refuse its input, and says so in our own words.</summary>
    /// <returns>Whether it took it.</returns>
    protected static bool Accepts(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (ConceptInputException)
        {
            return false;
        }
    }

    /// <summary>Holds something that must be so of what was accepted.</summary>
    protected static void Promise(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new BrokenPromiseException(what);
        }
    }

    /// <summary>The bytes of a text.</summary>
    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Code took an input and did something else with it than it says.</summary>
internal sealed class BrokenPromiseException(string what) : Exception(what);
