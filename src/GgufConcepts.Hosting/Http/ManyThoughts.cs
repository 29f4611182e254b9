using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http;

/// <summary>A thought that a request asks for.</summary>
/// <param name="Prompt">What to think about.</param>
/// <param name="Options">How.</param>
internal sealed record AskedThought(string Prompt, ThinkOptions Options);

/// <summary>Something that happened in one of the thoughts of a request.</summary>
/// <param name="Index">Which thought, from 0.</param>
/// <param name="Happened">What.</param>
internal sealed record ChoiceEvent(int Index, ThoughtEvent Happened);

/// <summary>Runs the thoughts of one request side by side.</summary>
internal static class ManyThoughts
{
    /// <summary>What happens in all of them, as it happens. Where one fails, all end.</summary>
    public static async IAsyncEnumerable<ChoiceEvent> RunAsync(
        IConceptService service,
        IReadOnlyList<AskedThought> thoughts,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<ChoiceEvent> events = Channel.CreateUnbounded<ChoiceEvent>(new UnboundedChannelOptions { SingleReader = true });
        Task all = Task.WhenAll(thoughts.Select(FollowAsync));
        _ = all.ContinueWith(
            ended => events.Writer.TryComplete(ended.Exception?.InnerException ?? (ended.IsCanceled ? new OperationCanceledException(cancellation) : null)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (ChoiceEvent told in events.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return told;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task FollowAsync(AskedThought thought, int index)
        {
            try
            {
                IAsyncEnumerable<ThoughtEvent> thinking = service.ThinkAsync(thought.Prompt, thought.Options, ending.Token);
                await foreach (ThoughtEvent happened in ThoughtFields.InConceptAsync(thinking, ending.Token).ConfigureAwait(false))
                {
                    events.Writer.TryWrite(new ChoiceEvent(index, happened));
                }
            }
            catch (Exception problem)
            {
                events.Writer.TryComplete(problem); // the first that fails says why
                await ending.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
