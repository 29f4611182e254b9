using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary><c>models pull</c>, from a hub on this machine.</summary>
public sealed class PullTests : IDisposable
{
    private const string Name = "mnns-Q4_K_M.gguf";

    private readonly TempFolder _home = new();
    private readonly HubServer _server = new();
    private readonly byte[] _model = File.ReadAllBytes(CommittedModels.Path("mnns-continuous.gguf"));

    public PullTests() => _server.Add(Name, _model);

    private Dictionary<string, string?> Environment => new()
    {
        ["HOME"] = _home.Path,
        ["USERPROFILE"] = _home.Path,
        ["HF_HOME"] = _home.File("hf"),
        ["HF_HUB_CACHE"] = null,
        ["HUGGINGFACE_HUB_CACHE"] = null,
        ["HF_HUB_OFFLINE"] = null,
        ["HF_ENDPOINT"] = _server.Address,
        ["HF_TOKEN"] = null,
        ["LLAMA_CACHE"] = null,
        ["OLLAMA_MODELS"] = null,
    };

    public void Dispose()
    {
        _server.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Pull_AModel_CanBeRunByItsNameThenAndOffline()
    {
        JsonElement pulled = (await PullAsync("hf:org/repo", "--json")).Json();

        string path = pulled.GetProperty("path").GetString()!;
        Assert.Equal(_model, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(_model.Length, pulled.GetProperty("fetched").GetInt64());
        Assert.Equal(HubServer.Commit, pulled.GetProperty("commit").GetString());

        Outcome next = await Cli.RunInAsync(
            Environment, "next", "<BOS> D2 D1 D4 D5", "-m", "hf:org/repo:Q4_K_M", "--json", "--threads", "1", "--gpu", "off");
        Assert.Equal(path, next.Json().GetProperty("model").GetProperty("path").GetString());

        int requests = _server.Requests.Count;
        Assert.Equal(path, (await PullAsync("hf:org/repo", "--offline")).Output.Trim());
        Assert.Equal(requests, _server.Requests.Count);
    }

    [Fact]
    public async Task Pull_DiskFullOnTheWay_SaysSoAndGoesOnLater()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The limit of a shell stands in for a full disk.");
        const int KiB = 64; // of the 124 of the model
        Assert.InRange(_model.Length, KiB * 1024 + 1, int.MaxValue);
        Outcome full = await Cli.RunWithFullDiskAsync(KiB, Environment, "models", "pull", "hf:org/repo", "--yes");

        Assert.Equal(ExitCodes.FailedWhileRunning, full.ExitCode);
        Assert.Equal("", full.Output);
        Assert.Contains("cannot be written", full.Error, StringComparison.Ordinal);
        Assert.Contains("the same command goes on from there", full.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_home.Path, "*.gguf", SearchOption.AllDirectories)); // nothing looks like a model

        JsonElement pulled = (await PullAsync("hf:org/repo", "--json")).Json();
        Assert.Equal(_model, await File.ReadAllBytesAsync(pulled.GetProperty("path").GetString()!, TestContext.Current.CancellationToken));
        Assert.InRange(pulled.GetProperty("fetched").GetInt64(), 1, _model.Length - 1); // not all of it again
    }

    [Fact]
    public async Task Pull_WithATokenFile_SendsItToTheHubAlone()
    {
        Directory.CreateDirectory(_home.File("hf"));
        await File.WriteAllTextAsync(_home.File("hf/token"), "hf_secret\n", TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Done, (await PullAsync("hf:org/repo")).ExitCode);

        Assert.All(
            _server.Requests,
            request => Assert.Equal(request.Host == "127.0.0.1" ? "Bearer hf_secret" : null, request.Authorization));
    }

    [Fact]
    public async Task Pull_TwoProcessesAtOnce_FetchOnceAndBothSucceed()
    {
        TaskCompletionSource gate = new();
        _server.Gate = gate.Task;
        Task<Outcome> first = PullAsync("hf:org/repo"), second = PullAsync("hf:org/repo");
        for (int i = 0; i < 200 && _server.Requests.Count(request => request.Method == "HEAD") < 2; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        gate.SetResult();

        Assert.Equal((await first).Output, (await second).Output);
        Assert.Equal(ExitCodes.Done, (await first).ExitCode);
        Assert.Single(_server.ContentRequests);
    }

    [Fact]
    public async Task Pull_MuchWithoutYes_IsRefusedWhereNobodyCanBeAsked()
    {
        _server.WrongSize = 200_000_000;

        (await PullAsync("hf:org/repo")).AssertRefused("hf:org/repo is 200.0 MB to fetch; say --yes if that is all right.");
        Assert.Empty(_server.ContentRequests);
    }

    [Theory]
    [InlineData("atlas", "atlas travels along; there is nothing to pull")]
    [InlineData("ollama:qwen2.5", "is not on the Hugging Face hub; name hf:org/repo, or one of qwen2.5-1.5b")]
    [InlineData("hf:org/../x", "names no model")]
    [InlineData("hf:org/none", "127.0.0.1 has no org/none@main; check its spelling.")]
    public async Task Pull_WhatCannotBePulled_IsRefused(string name, string reason) => (await PullAsync(name)).AssertRefused(reason);

    [Fact]
    public async Task Pull_OfflineAndNotHere_IsRefused()
    {
        (await PullAsync("hf:org/repo", "--offline")).AssertRefused("--offline or HF_HUB_OFFLINE forbids to fetch it");
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Pull_WrongContents_FailsInOneLine()
    {
        _server.WrongContents = HubServer.Bytes(_model.Length);

        Outcome outcome = await PullAsync("hf:org/repo");

        Assert.Equal(ExitCodes.FailedWhileRunning, outcome.ExitCode);
        Assert.StartsWith($"{Name}: what came has SHA-256", Assert.Single(outcome.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private Task<Outcome> PullAsync(params string[] arguments) => Cli.RunInAsync(Environment, ["models", "pull", .. arguments]);
}
