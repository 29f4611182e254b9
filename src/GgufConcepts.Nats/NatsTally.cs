namespace GgufConcepts.Nats;

/// <summary>Which jobs of a run were asked for and which have their result. Any thread.</summary>
internal sealed class NatsTally
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _asked = [];
    private readonly HashSet<int> _there = [];
    private bool _all;

    /// <summary>Notes that a job is asked for; false where its result is there.</summary>
    public bool Ask(int index)
    {
        lock (_lock)
        {
            return !_there.Contains(index) && (_asked.Add(index) || true);
        }
    }

    /// <summary>Whether some of these results were not noted.</summary>
    public bool Lacks(IReadOnlySet<int> results)
    {
        lock (_lock)
        {
            return !results.IsSubsetOf(_there);
        }
    }

    /// <summary>Notes that all jobs were asked for.</summary>
    /// <returns>Whether all results are there.</returns>
    public bool AskedForAll()
    {
        lock (_lock)
        {
            _all = true;
            return _asked.Count == 0;
        }
    }

    /// <summary>Notes a result.</summary>
    /// <param name="index">The job's number.</param>
    /// <param name="isNew">Whether it is the first one of that job.</param>
    /// <returns>Whether all results are there.</returns>
    public bool Add(int index, out bool isNew)
    {
        lock (_lock)
        {
            isNew = _there.Add(index);
            _asked.Remove(index);
            return _all && _asked.Count == 0;
        }
    }
}
