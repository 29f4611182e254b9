using System.Text.Json;
using GgufConcepts.Tracing;

namespace GgufConcepts.Batches;

/// <summary>How a job ended: the line for the file of results.</summary>
/// <param name="Index">Number of the job, from 0.</param>
/// <param name="Key">The job's key.</param>
/// <param name="Line">A JSON object on one line, UTF-8, without a line break.</param>
/// <remarks>
/// <code>{"index": 0, "id": "fr", "key": "...", "trace": {...}}</code>
/// With <see cref="BatchJob.Brief"/> there is a <c>thought</c> in the place of the trace (prompt, answer, stop, readings,
/// number of steps), and where the job failed an <c>error</c> with a <c>message</c>.
/// </remarks>
public sealed record BatchResult(int Index, string Key, ReadOnlyMemory<byte> Line)
{
    /// <summary>Whether it is no thought but an error.</summary>
    public bool HasFailed { get; init; }

    /// <summary>Whether the same job may well succeed another time: what failed was not its prompt or settings.</summary>
    public bool MayPass { get; init; }

    /// <summary>What went wrong, where it failed and this was not read from a line.</summary>
    public string? Problem { get; init; }

    /// <summary>The result of a job that was thought.</summary>
    public static BatchResult Of(BatchJob job, Trace trace)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(trace);
        return new BatchResult(job.Index, job.Key, ResultLine.Write(job, trace));
    }

    /// <summary>The result of a job that failed.</summary>
    /// <param name="job">The job.</param>
    /// <param name="problem">Why.</param>
    /// <param name="mayPass">Whether the same job may well succeed another time.</param>
    public static BatchResult Failed(BatchJob job, string problem, bool mayPass = false)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(problem);
        return new BatchResult(job.Index, job.Key, ResultLine.Write(job, problem))
        {
            HasFailed = true, MayPass = mayPass, Problem = problem,
        };
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is no result.</exception>
    public static BatchResult Read(ReadOnlyMemory<byte> line)
    {
        ResultHead head = ResultLine.ReadHead(line.Span);
        return new BatchResult(head.Index, head.Key, line) { HasFailed = head.HasFailed };
    }
}
