using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Batches;

/// <summary>Thinks jobs with a model, several side by side. One caller at a time.</summary>
public sealed class BatchEngine : IDisposable
{
    private readonly ConceptModel _model;
    private readonly ConceptBatch _batch;

    /// <summary>Makes room for jobs.</summary>
    /// <param name="model">The model; it is kept alive.</param>
    /// <param name="parallel">Jobs that run at once; 1 to <see cref="ConceptBatch.Largest"/>.</param>
    /// <exception cref="ConceptInputException">The number is out of range.</exception>
    public BatchEngine(ConceptModel model, int parallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _batch = model.CreateBatch(parallel);
    }

    /// <summary>Thinks jobs on the calling thread until no more come.</summary>
    /// <param name="feed">Gives the jobs and hears of them. A job that fails does not keep others from going on.</param>
    /// <param name="cancellation">Stops within a step; jobs that run then end without a word.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(IJobFeed feed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(feed);
        Jobs jobs = new(_model, feed);
        foreach (BatchEvent told in _batch.Think(jobs, cancellation))
        {
            jobs.Tell(told);
        }
    }

    /// <summary>Frees what was made; the model stays.</summary>
    public void Dispose() => _batch.Dispose();

    /// <summary>The jobs that run, by the number that the batch gives them.</summary>
    private sealed class Jobs(ConceptModel model, IJobFeed feed) : IThoughtSource
    {
        private readonly Dictionary<int, (BatchJob Job, TraceRecorder Recorder)> _running = [];
        private int _taken;

        public bool HasNext => feed.HasNext;

        public bool Wait(CancellationToken cancellation) => feed.Wait(cancellation);

        public BatchThought? TryTake()
        {
            while (feed.TryTake() is { } job)
            {
                try
                {
                    ThinkOptions options = ThinkSettings.Read(job.Settings);
                    TraceRecorder recorder = new(model.Info, job.Prompt, options.Strategy.Name, options.Settings, options.Seed);
                    _running.Add(_taken++, (job, recorder));
                    return new BatchThought(job.Prompt, options) { Cancellation = job.Cancellation };
                }
                catch (ConceptInputException problem)
                {
                    feed.Ended(job, BatchResult.Failed(job, problem.Message));
                }
            }

            return null;
        }

        public void Tell(BatchEvent told)
        {
            (BatchJob job, TraceRecorder recorder) = _running[told.Thought];
            recorder.Add(told.Happened);
            if (told.Happened is not ThoughtEnded ended)
            {
                feed.Happened(job, told.Happened);
                return;
            }

            _running.Remove(told.Thought);
            if (told.Problem is { } problem)
            {
                bool ofInput = problem is ConceptInputException or Decoding.ContextFullException;
                feed.Ended(job, BatchResult.Failed(
                    job, ofInput ? problem.Message : $"{problem.GetType().Name}: {problem.Message}", mayPass: !ofInput));
            }
            else if (ended.Reason == StopReason.Cancelled)
            {
                feed.Dropped(job);
            }
            else
            {
                feed.Ended(job, BatchResult.Of(job, recorder.Build()));
            }
        }
    }
}
