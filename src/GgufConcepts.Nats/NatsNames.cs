using System.Buffers;
using System.Globalization;
using System.Text;

namespace GgufConcepts.Nats;

/// <summary>What things are called on the server: streams, subjects, consumers.</summary>
public static class NatsNames
{
    /// <summary>The stream of jobs that wait or run. Each goes when it is done.</summary>
    public const string Jobs = "GGUFCONCEPTS_JOBS";

    /// <summary>The stream of results, until whoever asked for them has them.</summary>
    public const string Results = "GGUFCONCEPTS_RESULTS";

    /// <summary>The stream of jobs that were given up, with the reason in a header.</summary>
    public const string Dead = "GGUFCONCEPTS_DEAD";

    /// <summary>The header of a dead letter that says why.</summary>
    public const string Reason = "GgufConcepts-Reason";

    private const string Root = "ggufconcepts";
    private const int LongestName = 240; // a model's, where the server takes 255 characters for the consumer

    private static readonly SearchValues<char> s_apart = SearchValues.Create(". \t\r\n\f"); // what no part of a subject holds

    /// <summary>All jobs of a model, or of a run, or one job.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="run">The run's name; * for all.</param>
    /// <param name="index">The job's number, from 0; null for all.</param>
    public static string JobSubject(string model, string run = "*", int? index = null) =>
        $"{Root}.jobs.{Token(model)}.{Part(run)}.{Index(index)}";

    /// <summary>All results of a run, or one.</summary>
    public static string ResultSubject(string run, int? index = null) => $"{Root}.results.{Part(run)}.{Index(index)}";

    /// <summary>A job that was given up.</summary>
    public static string DeadSubject(string model, string run, int index) =>
        $"{Root}.dead.{Token(model)}.{Part(run)}.{Index(index)}";

    /// <summary>What happens in the thoughts of a run, or of one job, as it happens. No stream keeps it.</summary>
    public static string StepsSubject(string run, int? index = null) => $"{Root}.steps.{Part(run)}.{Index(index)}";

    /// <summary>Says that a run is cancelled. No stream keeps it.</summary>
    public static string CancelSubject(string run = "*") => $"{Root}.cancel.{Part(run)}";

    /// <summary>All subjects of a kind, for a stream of it.</summary>
    internal static string All(string kind) => $"{Root}.{kind}.>";

    /// <summary>The consumer that all workers of a model share.</summary>
    public static string Consumer(string model) => $"worker-{Token(model)}";

    /// <summary>The run and the number in a subject that ends with them; null for one that anybody else made up.</summary>
    internal static (string Run, int Index)? Place(string subject)
    {
        string[] parts = subject.Split('.');
        return IsPart(parts[^2]) && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? (parts[^2], index)
            : null;
    }

    /// <summary>What keeps a server from taking jobs of a model; null where nothing does.</summary>
    internal static string? FindProblem(string? model) =>
        string.IsNullOrEmpty(model) ? "The model has no name; give one."
        : Escape(model) is { Length: > LongestName and var length }
            ? $"The model's name takes {length} characters; use at most {LongestName}."
            : null;

    private static string Token(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return FindProblem(model) is { } problem ? throw new ArgumentException(problem, nameof(model)) : Escape(model);
    }

    private static string Part(string run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return IsPart(run)
            ? run
            : throw new ArgumentException($"'{run}' is no name of a run; use one part of a subject.", nameof(run));
    }

    /// <summary>Whether a text is one part of a subject, a wildcard for one among them.</summary>
    private static bool IsPart(string text) => text.Length > 0 && text != ">" && !text.AsSpan().ContainsAny(s_apart);

    /// <summary>A model's name as one part of a subject: whatever is no letter, digit, '-' or '_' as its bytes in UTF-8, each
    /// as = and two digits.</summary>
    private static string Escape(string model)
    {
        StringBuilder token = new();
        foreach (byte value in Encoding.UTF8.GetBytes(model))
        {
            char letter = (char)value;
            _ = char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'
                ? token.Append(letter)
                : token.Append(CultureInfo.InvariantCulture, $"={value:X2}");
        }

        return token.ToString();
    }

    private static string Index(int? index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index ?? 0, nameof(index));
        return index?.ToString(CultureInfo.InvariantCulture) ?? "*";
    }
}
