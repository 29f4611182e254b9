using GgufConcepts.Decoding;
using GgufConcepts.Mixing;
using GgufConcepts.Models;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>An exception on its way from a model's process to its host.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Message">What it says.</param>
/// <param name="Field">The field that was wrong.</param>
/// <param name="Numbers">What else it says.</param>
internal sealed record ProblemMessage(string Kind, string Message, string? Field = null, int[]? Numbers = null)
{
    private const string Full = "full";
    private const string Input = "input";
    private const string Template = "template";
    private const string NonFinite = "nonFinite";
    private const string Cancelled = "cancelled";
    private const string Other = "other";

    /// <summary>Takes an exception down.</summary>
    public static ProblemMessage Of(Exception problem) => problem switch
    {
        ContextFullException full => new(Full, problem.Message, Numbers: [full.Held, full.Added, full.Limit]),
        ChatTemplateException template => new(Template, problem.Message, template.Field),
        ConceptInputException input => new(Input, problem.Message, input.Field),
        NonFiniteLogitsException logits => new(NonFinite, logits.Finding),
        OperationCanceledException => new(Cancelled, problem.Message),
        _ => new(Other, problem.Message),
    };

    /// <summary>The exception, to be thrown in the host.</summary>
    public Exception ToException() => Kind switch
    {
        Full when Numbers is [var held, var added, var limit] => new ContextFullException(held, added, limit),
        Template => new ChatTemplateException(Message) { Field = Field },
        Input => new ConceptInputException(Message) { Field = Field },
        NonFinite => new NonFiniteLogitsException(Message),
        Cancelled => new OperationCanceledException(Message),
        _ => new InvalidOperationException(Message),
    };
}
