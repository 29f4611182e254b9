using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Cli.Tests;

/// <summary><c>serve</c> as a process: how it begins and how it ends.</summary>
public sealed partial class ServeTests : IDisposable
{
    private const int Terminate = 15;

    private readonly TempFolder _folder = new();

    private static string Atlas => CommittedModels.Path("atlas.gguf");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--port is 70000; use 0 to 65535.", "--port", "70000")]
    [InlineData("--host is 'not a host'; use an address", "--host", "not a host")]
    [InlineData("--parallel is 0; use 1 to", "--parallel", "0")]
    [InlineData("--deadline is 0; use 1 to", "--deadline", "0")]
    [InlineData("lacks a name or a model; write NAME=MODEL", "--model", "=")]
    public async Task Serve_BadOption_IsRefused(string reason, params string[] options) =>
        (await Cli.RunAsync(["serve", "--model", Atlas, .. options])).AssertRefused(reason);

    [Fact]
    public async Task Serve_NameTakenTwice_IsRefused() => (await Cli.RunAsync("serve", "--model", Atlas, "--model", $"atlas={Atlas}"))
        .AssertRefused("Two models are called 'atlas'");

    [Fact]
    public async Task Serve_NoSuchModel_IsRefused() =>
        (await Cli.RunAsync("serve", "--model", _folder.File("gone.gguf"))).AssertRefused("gone.gguf");

    [Fact]
    public async Task Serve_FileThatIsNoModel_IsRefused()
    {
        string file = _folder.File("odd.gguf");
        await File.WriteAllTextAsync(file, "GGUF, but no more", Token);
        (await Cli.RunAsync("serve", "--model", file, "--port", "0")).AssertRefused("odd.gguf");
    }

    [Fact]
    public async Task Serve_PortInUse_IsRefused()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string port = $"{((IPEndPoint)other.LocalEndpoint).Port}";
        Outcome outcome = await Cli.RunAsync("serve", "--model", Atlas, "--port", port);
        Assert.Equal((ExitCodes.BadInput, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains($"Cannot listen on http://127.0.0.1:{port}: ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_AddressOfAnotherMachine_IsRefused()
    {
        Outcome outcome = await Cli.RunAsync("serve", "--model", Atlas, "--host", "192.0.2.1", "--port", "0"); // for documents alone
        Assert.Equal((ExitCodes.BadInput, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("Cannot listen on http://192.0.2.1:0: ", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Found out only by loading it, in the background: the server ends by itself.</summary>
    [Fact]
    public async Task Serve_ModelThatCannotBeLoaded_EndsWithBadInput()
    {
        Outcome outcome = await Cli.RunAsync("serve", "--model", Atlas, "--port", "0", "--context", "100000");
        Assert.Equal(ExitCodes.BadInput, outcome.ExitCode);
        Assert.Contains("was trained on 256 positions", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_ToldToStopWhileItThinks_FinishesAndEndsWell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        using Process server = Cli.Start("serve", "--model", $"mine={Atlas}", "--port", "0", "--threads", "1", "--json");
        JsonElement said = JsonElement.Parse((await server.StandardOutput.ReadLineAsync(Token))!);
        Assert.Equal("mine", said.GetProperty("models")[0].GetString());
        using HttpClient client = new() { BaseAddress = new Uri(said.GetProperty("url").GetString()!) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/concepts/think")
        {
            Content = JsonContent.Create(JsonElement.Parse("""
                {"prompt": "The", "concept": {"maxSteps": 200, "fixedLength": true, "reader": false, "answer": {"maxTokens": 0}}}
                """)),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using StreamReader events = new(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal("event: prompt", await events.ReadLineAsync(Token));
        Assert.Equal(0, Kill(server.Id, Terminate));
        Assert.Contains("event: done", await events.ReadToEndAsync(Token), StringComparison.Ordinal);
        Outcome outcome = await Cli.FinishAsync(server);
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
