namespace GgufConcepts.Native;

/// <summary>A call into llama.cpp failed.</summary>
public sealed class NativeCallException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="function">The C function.</param>
    /// <param name="detail">With what it was called, or what it said.</param>
    public NativeCallException(string function, string detail)
        : base(Describe(function, detail))
    {
        Function = function;
        NativeMessage = NativeLog.LastProblem;
    }

    /// <summary>The C function that failed.</summary>
    public string Function { get; }

    /// <summary>What llama.cpp logged as the cause, if it did.</summary>
    public string? NativeMessage { get; }

    private static string Describe(string function, string detail)
    {
        string? said = NativeLog.LastProblem;
        return said is null ? $"{function} failed: {detail}." : $"{function} failed: {detail}. llama.cpp said: {said}";
    }
}
