using System.Text;
using GgufConcepts.Batches;

namespace GgufConcepts.Tests.Batches;

/// <summary>What becomes of a file of results, whatever ended the run that wrote it.</summary>
public sealed class BatchOutputTests : IDisposable
{
    private readonly BatchFiles _files = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Run_FileWithSomeResults_DoesTheOthersAlone()
    {
        using BatchInput input = _files.Prompts("a", "b", "c", "d");
        await RunAsync(input, new MadeRunner(job => job.Index < 2 ? MadeRunner.Done(job) : throw Killed()));
        MadeRunner rest = new(MadeRunner.Done);
        await RunAsync(input, rest);

        Assert.Equal([2, 3], rest.Asked);
        Assert.Equal([0, 1, 2, 3], _files.Indexes());
    }

    [Fact]
    public async Task Run_ResultsThatDoNotBelong_AreNotWritten()
    {
        using BatchInput input = _files.Prompts("a", "b");
        List<BatchResult> given = [];
        using (Batch batch = Batch.Open(input, _files.Out))
        {
            await foreach (BatchResult result in batch.RunAsync(new Doubles(), Token))
            {
                given.Add(result);
            }

            Assert.Equal((2, 0, 0), (batch.Done, batch.DoneBefore, batch.Failed));
        }

        Assert.Equal([0, 1], _files.Indexes());
        Assert.Equal([0, 1], given.Select(result => result.Index));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(30)]
    public async Task Open_HalfALineAtTheEnd_TakesItOffAndDoesItAgain(int left)
    {
        using BatchInput input = _files.Prompts("a", "b");
        await RunAsync(input, new MadeRunner(MadeRunner.Done));
        byte[] whole = File.ReadAllBytes(_files.Out);
        int first = whole.AsSpan().IndexOf((byte)'\n') + 1;
        foreach (int start in (int[])[0, first]) // the first line is torn, or the second
        {
            File.WriteAllBytes(_files.Out, whole[..(start + left)]);
            MadeRunner again = new(MadeRunner.Done);
            await RunAsync(input, again);

            Assert.Equal(start == 0 ? [0, 1] : [1], again.Asked);
            Assert.Equal(whole, File.ReadAllBytes(_files.Out));
        }
    }

    [Fact]
    public async Task Open_LastLineWithoutItsBreak_CountsIt()
    {
        using BatchInput input = _files.Prompts("a", "b");
        await RunAsync(input, new MadeRunner(MadeRunner.Done));
        byte[] whole = File.ReadAllBytes(_files.Out);
        File.WriteAllBytes(_files.Out, whole[..^1]);
        MadeRunner again = new(MadeRunner.Done);
        await RunAsync(input, again);

        Assert.Empty(again.Asked);
        Assert.Equal(whole, File.ReadAllBytes(_files.Out));
    }

    [Fact]
    public async Task Open_ChangedLine_IsRefusedOrDoneAgain()
    {
        using (BatchInput before = _files.Prompts("a", "b", "c"))
        {
            await RunAsync(before, new MadeRunner(MadeRunner.Done));
        }

        using BatchInput input = _files.Prompts("a", "B");
        byte[] whole = File.ReadAllBytes(_files.Out);
        string problem = Assert.Throws<ConceptInputException>(() => Batch.Open(input, _files.Out)).Message;
        Assert.Contains("line 2 holds a result of another prompt, model or setting than", problem, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(_files.Out));

        MadeRunner again = new(MadeRunner.Done);
        await RunAsync(input, again, new BatchOptions { RedoChanged = true });
        Assert.Equal([1], again.Asked);
        Assert.Equal([0, 1], _files.Indexes()); // and the third, whose prompt is gone, is gone as well
        Assert.Equal(input.KeyOf(1), _files.Results()[1].GetProperty("key").GetString());
    }

    [Fact]
    public async Task Open_FewerPromptsThanResults_IsRefused()
    {
        using (BatchInput before = _files.Prompts("a", "b"))
        {
            await RunAsync(before, new MadeRunner(MadeRunner.Done));
        }

        using BatchInput input = _files.Prompts("a");
        string problem = Assert.Throws<ConceptInputException>(() => Batch.Open(input, _files.Out)).Message;
        Assert.Contains("has no more than 1 prompts", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FailedOnes_StandOrAreDoneAgain()
    {
        using BatchInput input = _files.Prompts("a", "b", "c");
        await RunAsync(input, new MadeRunner(job => job.Index == 1 ? BatchResult.Failed(job, "no \"room\"") : MadeRunner.Done(job)));
        Assert.Equal("no \"room\"", _files.Results()[1].GetProperty("error").GetProperty("message").GetString());

        MadeRunner stand = new(MadeRunner.Done), retry = new(MadeRunner.Done);
        Assert.Equal(1, await RunAsync(input, stand));
        Assert.Equal(0, await RunAsync(input, retry, new BatchOptions { RetryFailed = true }));

        Assert.Empty(stand.Asked);
        Assert.Equal([1], retry.Asked);
        Assert.Equal([0, 2, 1], _files.Indexes());
    }

    [Fact]
    public async Task Run_InOrder_SortsWhenAllAreThere()
    {
        using BatchInput input = _files.Prompts("a", "b", "c", "d", "e");
        BatchOptions options = new() { InOrder = true };
        await RunAsync(input, new Backwards(3), options);
        Assert.Equal([4, 3, 2], _files.Indexes());
        await RunAsync(input, new Backwards(5), options);

        Assert.Equal([0, 1, 2, 3, 4], _files.Indexes());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_files.Out)!, "results*"));
        using Batch once = Batch.Open(input, _files.Out); // what was sorted is read as what was not
        Assert.Equal(5, once.Done);
    }

    [Fact]
    public async Task Open_OtherFiles_AreRefusedAndLeftAlone()
    {
        using BatchInput input = _files.Prompts("a", "b");
        Assert.Contains("is the file of prompts", Refuse(input, _files.In), StringComparison.Ordinal);
        File.CreateSymbolicLink(_files.Out, _files.In);
        Assert.Contains("is the file of prompts", Refuse(input, _files.Out), StringComparison.Ordinal);
        File.Delete(_files.Out);

        File.WriteAllText(_files.Out, "a letter\n");
        Assert.Contains("holds no results of a batch", Refuse(input, _files.Out), StringComparison.Ordinal);
        Assert.Equal("a letter\n", File.ReadAllText(_files.Out));
        File.WriteAllText(_files.Out, "a letter without a break");
        Assert.Contains("holds no results of a batch", Refuse(input, _files.Out), StringComparison.Ordinal);
        File.Delete(_files.Out);

        await RunAsync(input, new MadeRunner(MadeRunner.Done));
        string[] lines = File.ReadAllLines(_files.Out);
        File.WriteAllLines(_files.Out, [lines[0], "{}", lines[1]]);
        Assert.Contains("line 2 is no result of a batch", Refuse(input, _files.Out), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileThatAnotherRunWritesTo_IsRefused()
    {
        using BatchInput input = _files.Prompts("a");
        using Batch running = Batch.Open(input, _files.Out);

        Assert.Contains("which no other run is writing to", Refuse(input, _files.Out), StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_NothingWritten_LeavesNoFile()
    {
        using BatchInput input = _files.Prompts("a");
        Batch.Open(input, _files.Out).Dispose();
        Assert.False(File.Exists(_files.Out));

        File.WriteAllText(_files.Out, "");
        Batch.Open(input, _files.Out).Dispose();
        Assert.True(File.Exists(_files.Out)); // somebody else made it
    }

    private static IOException Killed() => new("killed");

    private string Refuse(BatchInput input, string path) =>
        Assert.Throws<ConceptInputException>(() => Batch.Open(input, path)).Message;

    private async Task<int> RunAsync(BatchInput input, IBatchRunner runner, BatchOptions? options = null)
    {
        using Batch batch = Batch.Open(input, _files.Out, options);
        try
        {
            await foreach (BatchResult result in batch.RunAsync(runner, Token))
            {
                Assert.InRange(result.Index, 0, input.Count - 1);
            }
        }
        catch (IOException problem) when (problem.Message == "killed")
        {
            // as far as it came
        }

        return batch.Failed;
    }

    /// <summary>Gives what others might: results twice, of other jobs, of numbers there are not.</summary>
    private sealed class Doubles : IBatchRunner
    {
        public async IAsyncEnumerable<BatchResult> RunAsync(
            IEnumerable<BatchJob> jobs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            foreach (BatchJob job in jobs.ToArray())
            {
                await Task.Yield();
                yield return MadeRunner.Done(job with { Index = 77 });
                yield return MadeRunner.Done(job with { Key = "of another prompt" });
                yield return MadeRunner.Done(job);
                yield return new BatchResult(job.Index, job.Key, Encoding.UTF8.GetBytes("late"));
            }
        }
    }

    /// <summary>Ends the last job first, and is killed after some.</summary>
    private sealed class Backwards(int count) : IBatchRunner
    {
        public async IAsyncEnumerable<BatchResult> RunAsync(
            IEnumerable<BatchJob> jobs, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            BatchJob[] all = [.. jobs];
            foreach (BatchJob job in all.Reverse().Take(count))
            {
                await Task.Yield();
                yield return MadeRunner.Done(job);
            }

            if (count < all.Length)
            {
                throw Killed();
            }
        }
    }
}
