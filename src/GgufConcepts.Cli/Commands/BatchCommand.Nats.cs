using GgufConcepts.Batches;
using GgufConcepts.Cli.Output;
using GgufConcepts.Nats;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>batch --nats URL</c>: the same on many machines.</summary>
internal sealed partial class BatchCommand
{
    private static readonly TimeSpan s_cancelling = TimeSpan.FromSeconds(5); // for a server that is slow, or away

    private static async Task<TimeSpan> RunOnServerAsync(
        NatsServerOptions server, BatchInput input, Batch batch, bool begins, CancellationToken cancellation)
    {
        using ProgressLine line = new();
        await using NatsLink link = await NatsLink.ConnectAsync(
            server, $"ggufconcepts batch {input.Model}", new Notices(line), cancellation);
        NatsRun run = await ContinueAsync(link, input, batch, begins, cancellation);
        try
        {
            TimeSpan elapsed = await RunAsync(batch, new NatsBatchRunner(link, run), line, cancellation);
            await run.ClearAsync(link, cancellation);
            NatsRun.Forget(batch.OutputPath);
            return elapsed;
        }
        catch (OperationCanceledException)
        {
            await TryCancelAsync(link, run, batch);
            throw;
        }
    }

    /// <summary>The run that was begun before, if it is of these prompts; else a new one, and the other is no more.</summary>
    private static async Task<NatsRun> ContinueAsync(
        NatsLink link, BatchInput input, Batch batch, bool begins, CancellationToken cancellation)
    {
        NatsRun? found = NatsRun.Find(batch.OutputPath);
        if (found is not null && !begins && found.Model == input.Model && found.Fingerprint == input.Fingerprint)
        {
            return found;
        }

        if (found is not null)
        {
            await found.CancelAsync(link, cancellation);
        }

        NatsRun run = NatsRun.New(input);
        run.Keep(batch.OutputPath);
        return run;
    }

    private static async Task TryCancelAsync(NatsLink link, NatsRun run, Batch batch)
    {
        using CancellationTokenSource limit = new(s_cancelling);
        try
        {
            await run.CancelAsync(link, limit.Token);
            NatsRun.Forget(batch.OutputPath);
        }
        catch (Exception problem) when (problem is OperationCanceledException or BatchServerException)
        {
            await Console.Error.WriteLineAsync(
                $"{link.Url} was not to be reached: workers go on with the run {run.Id}; the same command collects what they did, and " +
                "with --cancel ends it.");
        }
    }

    /// <summary><c>--cancel</c>: ends a run whose submitter is gone.</summary>
    private static async Task<int> CancelAsync(NatsServerOptions server, string outputPath, CancellationToken cancellation)
    {
        NatsRun run = NatsRun.Find(outputPath)
            ?? throw new ConceptInputException($"There is no {NatsRun.PathOf(outputPath)}, so there is no run to cancel.");
        using ProgressLine line = new();
        await using NatsLink link = await NatsLink.ConnectAsync(server, "ggufconcepts batch", new Notices(line), cancellation);
        await run.CancelAsync(link, cancellation);
        NatsRun.Forget(outputPath);
        await Console.Error.WriteLineAsync($"The run {run.Id} is cancelled.");
        return ExitCodes.Done;
    }
}
