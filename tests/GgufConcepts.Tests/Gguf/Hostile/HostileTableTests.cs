using System.Diagnostics;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;
using GgufConcepts.Testing.Hostile;

namespace GgufConcepts.Tests.Gguf.Hostile;

/// <summary>The table of files that lie: each is refused with a message that names the thing, or let through, and either
/// way costs little. Those that are let through meet llama.cpp in HostileModelTests of the command line.</summary>
public sealed class HostileTableTests : IDisposable
{
    private const long MostBytes = 512L << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(2);

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => [.. HostileFiles.All.Select(file => file.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void FindProblems_Lie_IsFoundByNameAndAtLittleCost(string name)
    {
        HostileFile file = HostileFiles.Find(name);
        string path = file.Make(_folder.File("model.gguf"));

        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<string> problems = Check(path);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;

        Assert.True(taken < s_longest, $"{taken}");
        Assert.InRange(bytes, 0, MostBytes);
        Assert.All(problems, problem => Assert.DoesNotContain('\n', problem));
        if (file.Refusal is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problems, problem => problem.Contains(file.Refusal, StringComparison.Ordinal));
            Assert.All(problems, problem => Assert.StartsWith(_folder.Path, problem, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Run_EveryLie_ThrowsWhatIsFoundFirst()
    {
        foreach (HostileFile file in HostileFiles.All.Where(file => file.Refusal is not null))
        {
            string path = file.Make(_folder.File("model.gguf"));
            IReadOnlyList<string> problems = Check(path);
            GgufException refused = Assert.Throws<GgufException>(() =>
            {
                using GgufModelFile model = GgufModelFile.Open(path);
                _ = new EmbeddingTable(model); // as loading does
                GgufModelCheck.Run(model);
            });
            Assert.Equal(problems[0], refused.Message);
        }
    }

    [Fact]
    public void All_KindsOfLlamaCppAndOurs_AreAsManyAsPromised()
    {
        Assert.Equal(HostileFiles.All.Count, HostileFiles.All.DistinctBy(file => file.Name).Count());
        Assert.Equal(33, HostileFiles.All.Count(file => file.Name.All(letter => letter is '_' or '0' or '1' || char.IsUpper(letter))));
        Assert.InRange(HostileFiles.All.Count - 33, 150, int.MaxValue);
    }

    private static IReadOnlyList<string> Check(string path)
    {
        try
        {
            using GgufModelFile model = GgufModelFile.Open(path);
            return GgufModelCheck.FindProblems(model);
        }
        catch (GgufException damage)
        {
            return [damage.Message];
        }
    }
}
