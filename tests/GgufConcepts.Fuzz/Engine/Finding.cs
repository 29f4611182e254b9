using System.Diagnostics;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>An input that something of ours does not survive.</summary>
/// <param name="Input">The input.</param>
/// <param name="What">What came of it, in one line.</param>
/// <param name="Place">The exception's type and the innermost method of ours: findings of one place are one.</param>
/// <param name="Details">The stack, where there is one.</param>
internal sealed record Finding(byte[] Input, string What, string Place, string Details)
{
    /// <summary>An exception that is no refusal.</summary>
    public static Finding Of(byte[] input, Exception problem)
    {
        string method = new StackTrace(problem).GetFrames()
            .Select(frame => frame.GetMethod())
            .Where(method => method?.DeclaringType?.FullName is { } type
                && type.StartsWith(nameof(GgufConcepts), StringComparison.Ordinal)
                && !type.StartsWith(typeof(FuzzTarget).Namespace!, StringComparison.Ordinal))
            .Select(method => $"{method!.DeclaringType!.Name}.{method.Name}")
            .FirstOrDefault("?");
        string what = $"{problem.GetType().Name}: {problem.Message}";
        string place = problem is BrokenPromiseException ? what : $"{problem.GetType().Name} in {method}";
        return new Finding(input, what, place, problem.ToString());
    }

    /// <summary>A run that took too much of something.</summary>
    public static Finding Of(byte[] input, string kind, string what) => new(input, what, kind, "");
}
