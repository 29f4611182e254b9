using System.Runtime.CompilerServices;
using GgufConcepts.Decoding;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http;

/// <summary>What a model refuses of a thought it calls by the thought's own names; to a client they are fields within
/// another.</summary>
internal static class ThoughtFields
{
    /// <summary>What happens in a thought; what refuses it names a field of <c>concept</c>.</summary>
    public static async IAsyncEnumerable<ThoughtEvent> InConceptAsync(
        IAsyncEnumerable<ThoughtEvent> events, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        IAsyncEnumerator<ThoughtEvent> each = events.GetAsyncEnumerator(cancellation);
        await using (each.ConfigureAwait(false))
        {
            while (await MoveAsync(each).ConfigureAwait(false))
            {
                yield return each.Current;
            }
        }
    }

    /// <summary>Renames the field that a refusal names.</summary>
    /// <param name="problem">The refusal.</param>
    /// <param name="field">The field's name for the client.</param>
    public static ConceptInputException Named(ConceptInputException problem, string field) => new(problem.Message, problem) { Field = field };

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<ThoughtEvent> each)
    {
        try
        {
            return await each.MoveNextAsync().ConfigureAwait(false);
        }
        catch (ConceptInputException problem) when (problem is { Field: not (null or "prompt") } and not ContextFullException)
        {
            throw Named(problem, $"concept.{problem.Field}");
        }
    }
}
