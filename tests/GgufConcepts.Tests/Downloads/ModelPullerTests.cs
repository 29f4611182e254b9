using System.Net;
using GgufConcepts.Downloads;
using GgufConcepts.Stores;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Downloads;

/// <summary>Pulling from a hub on this machine: the file arrives whole or not at all.</summary>
public sealed class ModelPullerTests : IDisposable
{
    private const string Name = "sub/m-Q4_K_M.gguf";

    private readonly TempFolder _folder = new();
    private readonly HubServer _server = new();
    private readonly byte[] _contents = HubServer.Bytes(300_000);
    private readonly HuggingFaceCache _cache;

    public ModelPullerTests()
    {
        _server.Add("README.md", [1]);
        _server.Add(Name, _contents);
        _cache = new HuggingFaceCache("Hugging Face", _folder.Path);
    }

    private string Blob => Path.Combine(_cache.FolderOf(HubServer.Repository), "blobs", HubServer.Sha256(_contents));

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("hf:org/repo")]
    [InlineData("hf:org/repo:q4_k_m")]
    [InlineData("hf:org/repo/sub/m-Q4_K_M.gguf")]
    [InlineData("hf:org/repo@refs/pr/7")]
    public async Task Pull_EveryForm_BringsTheFileWhereTheStoreFindsIt(string reference)
    {
        string path = await PullAsync(reference);

        Assert.Equal(_contents, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal(path, _cache.Find(ModelReference.Parse(reference))!.Path);
        Assert.Equal(_contents.Length, Assert.Single(_cache.List()).Bytes);
        Assert.Equal(path, Path.Combine(_cache.FolderOf("org/repo"), "snapshots", HubServer.Commit, "sub", "m-Q4_K_M.gguf"));
    }

    [Fact]
    public async Task Pull_WithAToken_SendsItToTheHubAlone()
    {
        await PullAsync("hf:org/repo");

        Assert.All(_server.Requests.Where(request => request.Host == "127.0.0.1"), request => Assert.Equal("Bearer secret", request.Authorization));
        Assert.NotEmpty(_server.ContentRequests);
        Assert.All(_server.ContentRequests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Pull_TwentyCuts_BringsTheFileWhole()
    {
        for (int i = 0; i < 20; i++)
        {
            _server.Cuts.Enqueue(i % 5 == 4 ? 0 : 10_000); // every fifth before anything came
        }

        string path = await PullAsync("hf:org/repo");

        Assert.Equal(_contents, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal(21, _server.ContentRequests.Count());
        Assert.Equal(_contents.Length, _last.Done);
    }

    [Fact]
    public async Task Pull_AfterACancelledOne_GoesOnFromThere()
    {
        _server.Cuts.Enqueue(100_000);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync("hf:org/repo", stop, stopAt: 100_000));

        Assert.Equal(100_000, new FileInfo(Blob + ".incomplete").Length);
        Assert.Null(_cache.Find(ModelReference.Parse("hf:org/repo")));
        Assert.Empty(_cache.List());

        string path = await PullAsync("hf:org/repo");

        Assert.Equal(_contents, await File.ReadAllBytesAsync(path, Cancellation));
        Assert.Equal("bytes=100000-", _server.ContentRequests.Last().Range);
        Assert.False(File.Exists(Blob + ".incomplete"));
    }

    [Fact]
    public async Task Pull_WhatIsHere_FetchesNothing()
    {
        string path = await PullAsync("hf:org/repo");
        int requests = _server.ContentRequests.Count();

        Assert.Equal(path, await PullAsync("hf:org/repo"));
        Assert.Equal(requests, _server.ContentRequests.Count());
    }

    [Fact]
    public async Task Pull_FromAServerWithoutRanges_BeginsAgain()
    {
        _server.IgnoresRanges = true;
        _server.Cuts.Enqueue(100_000);

        Assert.Equal(_contents, await File.ReadAllBytesAsync(await PullAsync("hf:org/repo"), Cancellation));
        Assert.Equal(_contents.Length, _last.Done);
    }

    [Fact]
    public async Task Pull_FromAServerWithoutRangesThatCutsEveryTime_GivesUp()
    {
        _server.IgnoresRanges = true;
        for (int i = 0; i < 1000; i++)
        {
            _server.Cuts.Enqueue(100_000);
        }

        await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"));
        Assert.InRange(_server.ContentRequests.Count(), 2, 20);
    }

    [Fact]
    public async Task Plan_AFileWithoutASha256_IsRefused()
    {
        _server.Tag = new string('b', 40);

        Assert.Contains(
            "no SHA-256 to check its content by",
            (await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OtherContentThanPromised_IsThrownAway()
    {
        _server.WrongContents = HubServer.Bytes(_contents.Length, seed: 2);

        ModelPullException problem = await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"));

        Assert.Contains($"{HubServer.Sha256(_contents)} was promised", problem.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Blob)!));
        Assert.Empty(_cache.List());

        _server.WrongContents = null;
        Assert.Equal(_contents, await File.ReadAllBytesAsync(await PullAsync("hf:org/repo"), Cancellation));
    }

    [Fact]
    public async Task Pull_AFileOfAnotherLength_IsRefused()
    {
        _server.WrongContents = HubServer.Bytes(_contents.Length + 1);

        Assert.Contains(
            "300001", (await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ADamagedBeginning_IsFoundOut()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        await File.WriteAllBytesAsync(Blob + ".incomplete", new byte[1000], Cancellation);

        await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"));
        Assert.Equal(_contents, await File.ReadAllBytesAsync(await PullAsync("hf:org/repo"), Cancellation));
    }

    [Fact]
    public async Task Pull_ASplitModel_BringsAllParts()
    {
        byte[][] parts = [HubServer.Bytes(50_000, 3), HubServer.Bytes(60_000, 4), HubServer.Bytes(70_000, 5)];
        for (int i = 0; i < parts.Length; i++)
        {
            _server.Add($"big-Q8_0-{i + 1:D5}-of-00003.gguf", parts[i]);
        }

        string path = await PullAsync("hf:org/repo:Q8_0");

        Assert.EndsWith("big-Q8_0-00001-of-00003.gguf", path, StringComparison.Ordinal);
        Assert.Equal(180_000, _cache.Find(ModelReference.Parse("hf:org/repo:Q8_0"))!.Bytes);
        Assert.Equal(parts.SelectMany(part => part), GgufFileName.AllParts(path).SelectMany(File.ReadAllBytes));
    }

    [Fact]
    public async Task Pull_TwoAtOnce_FetchOnce()
    {
        TaskCompletionSource gate = new();
        _server.Gate = gate.Task;
        Task<string> first = PullAsync("hf:org/repo"), second = PullAsync("hf:org/repo");
        await Task.WhenAny(first, Task.Delay(300, Cancellation));
        gate.SetResult();

        Assert.Equal(await first, await second);
        Assert.Single(_server.ContentRequests);
        Assert.Equal(_contents, await File.ReadAllBytesAsync(await first, Cancellation));
    }

    [Fact]
    public async Task Pull_MoreThanTheDiskHolds_AsksForNoByte()
    {
        _server.WrongSize = 1L << 60;

        ConceptInputException problem = await Assert.ThrowsAnyAsync<ConceptInputException>(() => PullAsync("hf:org/repo"));

        Assert.Contains($"needs {1L << 60} bytes", problem.Message, StringComparison.Ordinal);
        Assert.Empty(_server.ContentRequests);
    }

    [Fact]
    public async Task Pull_FromAHubThatIsGone_KeepsWhatCame()
    {
        for (int i = 0; i < 100; i++)
        {
            _server.Cuts.Enqueue(i == 0 ? 100_000 : 0);
        }

        ModelPullException problem = await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"));

        Assert.Contains("could not be fetched from 127.0.0.1", problem.Message, StringComparison.Ordinal);
        Assert.Equal(100_000, new FileInfo(Blob + ".incomplete").Length);
    }

    [Theory]
    [InlineData("hf:org/gone", null, "127.0.0.1 has no org/gone@main")]
    [InlineData("hf:org/repo/none.gguf", null, "127.0.0.1 has no none.gguf")]
    [InlineData("hf:org/repo:Q2_K", null, "org/repo has no model in Q2_K; it has sub/m-Q4_K_M.gguf")]
    [InlineData("hf:org/repo", HttpStatusCode.Unauthorized, "it wants another token, or its terms accepted")]
    public async Task Plan_WhatIsNotThere_SaysWhy(string reference, HttpStatusCode? status, string reason)
    {
        _server.Refuses = status;

        Assert.Contains(
            reason, (await Assert.ThrowsAsync<ConceptInputException>(() => PullAsync(reference))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_AHubInTrouble_SaysSo()
    {
        _server.Refuses = HttpStatusCode.BadGateway;

        Assert.Contains("502", (await Assert.ThrowsAsync<ModelPullException>(() => PullAsync("hf:org/repo"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OtherContentThanTheCatalogKnows_IsRefused()
    {
        using ModelPuller puller = NewPuller(offline: false);

        ConceptInputException problem = await Assert.ThrowsAsync<ConceptInputException>(() => puller.PlanAsync(
            Reference("hf:org/repo"), new string('0', 64), Cancellation));

        Assert.Contains("it is another file now", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Offline_AsksNobody()
    {
        using ModelPuller puller = NewPuller(offline: true);

        await Assert.ThrowsAsync<ConceptInputException>(() => puller.PlanAsync(Reference("hf:org/repo"), null, Cancellation));
        Assert.Empty(_server.Requests);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PullProgress _last;

    private ModelPuller NewPuller(bool offline) =>
        new(new HubEndpoint(new Uri(_server.Address), "secret", offline), _cache) { FirstPause = TimeSpan.FromMilliseconds(1) };

    private async Task<string> PullAsync(string reference, CancellationTokenSource? stop = null, long stopAt = 0)
    {
        using ModelPuller puller = NewPuller(offline: false);
        PullPlan plan = await puller.PlanAsync(Reference(reference), null, Cancellation);
        return await puller.PullAsync(plan, new Teller(this, stop, stopAt), stop?.Token ?? Cancellation);
    }

    private static ModelReference.HuggingFace Reference(string text) => (ModelReference.HuggingFace)ModelReference.Parse(text);

    private sealed class Teller(ModelPullerTests test, CancellationTokenSource? stop, long stopAt) : IProgress<PullProgress>
    {
        void IProgress<PullProgress>.Report(PullProgress value)
        {
            test._last = value;
            if (stop is not null && value.Done >= stopAt)
            {
                stop.Cancel();
            }
        }
    }
}
