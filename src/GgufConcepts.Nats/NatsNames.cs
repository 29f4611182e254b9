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

    /// <summary>All jobs of a model, or of a run, or one job.</summary>
    public static string JobSubject(string model, string run = "*", int? index = null) =>
        $"{Root}.jobs.{Token(model)}.{run}.{Index(index)}";

    /// <summary>All results of a run, or one.</summary>
    public static string ResultSubject(string run, int? index = null) => $"{Root}.results.{run}.{Index(index)}";

    /// <summary>A job that was given up.</summary>
    public static string DeadSubject(string model, string run, int index) => $"{Root}.dead.{Token(model)}.{run}.{Index(index)}";

    /// <summary>What happens in the thoughts of a run, or of one job, as it happens. No stream keeps it.</summary>
    public static string StepsSubject(string run, int? index = null) => $"{Root}.steps.{run}.{Index(index)}";

    /// <summary>Says that a run is cancelled. No stream keeps it.</summary>
    public static string CancelSubject(string run = "*") => $"{Root}.cancel.{run}";

    /// <summary>All subjects of a kind, for a stream of it.</summary>
    internal static string All(string kind) => $"{Root}.{kind}.>";

    /// <summary>The consumer that all workers of a model share.</summary>
    public static string Consumer(string model) => $"worker-{Token(model)}";

    /// <summary>The run and the number in a subject that ends with them.</summary>
    internal static (string Run, int Index) Place(string subject)
    {
        string[] parts = subject.Split('.');
        return (parts[^2], int.Parse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>A model's name as one part of a subject: whatever is no letter, digit, '-' or '_' as its bytes in UTF-8, each
    /// as = and two digits.</summary>
    private static string Token(string model)
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

    private static string Index(int? index) => index?.ToString(CultureInfo.InvariantCulture) ?? "*";
}
