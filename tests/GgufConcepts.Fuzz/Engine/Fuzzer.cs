using System.Diagnostics;
using GgufConcepts.Fuzz.Mutation;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>The loop: change an input that is known, run it, keep it where it reaches something new. One caller.</summary>
/// <remarks>The same for the same seed, but for what the runtime itself draws anew in every process (hashes of texts) and
/// where time ends it.</remarks>
internal sealed class Fuzzer
{
    private const int MostFindings = 20; // of one place each

    private readonly FuzzTarget _target;
    private readonly Random _random;
    private readonly Corpus _corpus;
    private readonly ByteMutation _bytes;
    private readonly Dictionary<string, Finding> _findings = [];

    public Fuzzer(FuzzTarget target, int seed)
    {
        _target = target;
        _random = new Random(seed);
        _corpus = new Corpus(_random);
        _bytes = new ByteMutation(target.Words);
    }

    /// <summary>Runs so far.</summary>
    public long Runs { get; private set; }

    /// <summary>Edges reached.</summary>
    public int Edges { get; private set; }

    /// <summary>Inputs kept.</summary>
    public int Kept => _corpus.Count;

    /// <summary>What was found, one of each place.</summary>
    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>Fuzzes.</summary>
    /// <param name="guard">Runs the target.</param>
    /// <param name="seeds">Inputs to begin with.</param>
    /// <param name="runs">Most runs.</param>
    /// <param name="limit">Most time.</param>
    /// <param name="keep">Told of every input that is kept.</param>
    /// <param name="tell">Told now and then how far it is.</param>
    public void Run(Guard guard, IEnumerable<byte[]> seeds, long runs, TimeSpan limit, Action<byte[]> keep, Action tell)
    {
        CoverageMap coverage = new();
        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan told = TimeSpan.Zero;
        foreach (byte[] seed in seeds)
        {
            Try(seed);
        }

        if (_corpus.Count == 0)
        {
            _corpus.Add([]); // no seed, or nothing instrumented
        }

        while (Runs < runs && clock.Elapsed < limit && _findings.Count < MostFindings)
        {
            Try(Change(_corpus.Pick()));
            if (clock.Elapsed - told > TimeSpan.FromSeconds(5))
            {
                told = clock.Elapsed;
                tell();
            }
        }

        void Try(byte[] input)
        {
            coverage.Begin();
            Finding? finding = guard.Run(input);
            bool isNew = coverage.End();
            Runs++;
            Edges = coverage.Edges;
            if (finding is not null)
            {
                if (!_findings.ContainsKey(finding.Place))
                {
                    _findings.Add(finding.Place, Minimiser.Shrink(finding, guard));
                }
            }
            else if (isNew)
            {
                _corpus.Add(input);
                keep(input);
            }
        }
    }

    /// <summary>One to sixteen changes, few more often than many.</summary>
    private byte[] Change(byte[] input)
    {
        MutationSource source = new(_random, _corpus);
        for (int changes = 1 << _random.Next(5); changes > 0; changes--)
        {
            bool structured = _target.Structure is not null && _random.Next(2) == 0;
            byte[] changed = (structured ? _target.Structure!.Change(input, source) : null) ?? _bytes.Change(input, source);
            input = changed.Length <= _target.MaxLength ? changed : changed[.._target.MaxLength];
        }

        return input;
    }
}
