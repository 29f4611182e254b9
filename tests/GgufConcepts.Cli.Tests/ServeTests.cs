using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
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

    private static readonly Dictionary<string, string?> s_key = new() { ["GGUFCONCEPTS_API_KEY"] = "the-key-of-the-environment" };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--port is 70000; use 0 to 65535.", "--port", "70000")]
    [InlineData("--host is 'not a host'; use an address", "--host", "not a host")]
    [InlineData("--parallel is 0; use 1 to", "--parallel", "0")]
    [InlineData("--deadline is 0; use 1 to", "--deadline", "0")]
    [InlineData("lacks a name or a model; write NAME=MODEL", "--model", "=")]
    [InlineData("--memory-limit is 1; use at least 64.", "--memory-limit", "1")]
    [InlineData("--memory-limit is for models' own processes", "--memory-limit", "4096", "--in-process")]
    [InlineData("--chat-template is 'bogus'; use none, or one of ", "--chat-template", "bogus")]
    [InlineData("--host 0.0.0.0 lets other machines ask, and nobody would be asked for a key; give keys with --api-key-file", "--host", "0.0.0.0")]
    [InlineData("--host :: lets other machines ask", "--host", "::")]
    [InlineData("--host 192.0.2.1 lets other machines ask", "--host", "192.0.2.1")]
    [InlineData("--api-key-file /nowhere/keys cannot be read: ", "--api-key-file", "/nowhere/keys")]
    [InlineData("--allow-host is 'example.org:80'; use a host name without a port", "--allow-host", "example.org:80")]
    [InlineData("--allow-origin is 'example.org'; use an origin such as https://", "--allow-origin", "example.org")]
    [InlineData("--allow-origin is 'https://example.org/page'; use an origin", "--allow-origin", "https://example.org/page")]
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
        Outcome outcome = await Cli.RunInAsync(
            s_key, "serve", "--model", Atlas, "--host", "192.0.2.1", "--port", "0"); // for documents alone
        Assert.Equal((ExitCodes.BadInput, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("Cannot listen on http://192.0.2.1:0: ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "holds no key; write one a line.")]
    [InlineData("\n  \n", "holds no key; write one a line.")]
    [InlineData("0123456789abcdef0123\n\nshort\n", "line 3 has 5 characters; use at least 16")]
    [InlineData("0123456789 abcdef0123", "line 1 holds a space or a letter that no header takes")]
    public async Task Serve_FileOfNoKeys_IsRefusedWithoutShowingThem(string keys, string reason)
    {
        string file = _folder.File("keys");
        await File.WriteAllTextAsync(file, keys, Token);
        Outcome outcome = await Cli.RunAsync("serve", "--model", Atlas, "--port", "0", "--api-key-file", file);
        outcome.AssertRefused($"--api-key-file {file} {reason}");
        Assert.DoesNotContain("0123456789", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("short", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_WithKeysOfFileAndEnvironment_AnswersWhoeverHasOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        string file = _folder.File("keys");
        await File.WriteAllTextAsync(file, "first-key-of-the-file\r\nsecond-key-of-the-file\n", Token);
        using Process server = Cli.StartIn(
            s_key, "serve", "--model", Atlas, "--host", "0.0.0.0", "--port", "0", "--threads", "1", "--json", "--api-key-file", file);
        JsonElement said = JsonElement.Parse((await server.StandardOutput.ReadLineAsync(Token))!);
        using HttpClient client = new() { BaseAddress = new Uri(said.GetProperty("url").GetString()!.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)) };
        foreach ((string? key, HttpStatusCode status) in new (string?, HttpStatusCode)[]
        {
            (null, HttpStatusCode.Unauthorized), ("first-key-of-the-fil", HttpStatusCode.Unauthorized), ("first-key-of-the-file", HttpStatusCode.OK),
            ("second-key-of-the-file", HttpStatusCode.OK), (s_key.Values.Single(), HttpStatusCode.OK),
        })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            using HttpResponseMessage response = await client.SendAsync(request, Token);
            Assert.Equal((key, status), (key, response.StatusCode));
        }

        Assert.Equal(0, Kill(server.Id, Terminate));
        Outcome outcome = await Cli.FinishAsync(server);
        Assert.True(outcome.ExitCode == ExitCodes.Done, outcome.Error);
        Assert.DoesNotContain("-key-of-", outcome.Error, StringComparison.Ordinal); // not in the log
    }

    [Fact]
    public async Task Serve_ToldToStopTwice_BreaksOffWhatRuns()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are another thing there.");
        string tiny = TinyModels.Path(TinyArchitecture.Qwen2, new TinyOptions { ContextLength = 1 << 17 });
        using Process server = Cli.Start(
            "serve", "--model", $"tiny={tiny}", "--port", "0", "--threads", "1", "--context", $"{1 << 17}", "--parallel", "1", "--json");
        JsonElement said = JsonElement.Parse((await server.StandardOutput.ReadLineAsync(Token))!);
        using HttpClient client = new() { BaseAddress = new Uri(said.GetProperty("url").GetString()!) };
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/concepts/think")
        {
            Content = JsonContent.Create(JsonElement.Parse("""
                {"prompt": "The", "concept": {"maxSteps": 100000, "fixedLength": true, "reader": false, "answer": {"maxTokens": 0}}}
                """)),
        };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        using StreamReader events = new(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal("event: prompt", await events.ReadLineAsync(Token));
        Stopwatch clock = Stopwatch.StartNew();
        Assert.Equal(0, Kill(server.Id, Terminate));
        await Task.Delay(500, Token);
        Assert.False(server.HasExited);
        Assert.Equal(0, Kill(server.Id, Terminate));
        Outcome outcome = await Cli.FinishAsync(server);
        Assert.True(outcome.ExitCode == ExitCodes.Cancelled, $"{outcome.ExitCode}: {outcome.Error}");
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.5, 10); // what runs has 20 seconds otherwise
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

    /// <summary>Also where nothing of the server could tell them to end.</summary>
    [Fact]
    public async Task Serve_Killed_TakesItsModelsProcessesAlong()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at /proc.");
        using Process server = Cli.Start("serve", "--model", Atlas, "--port", "0", "--threads", "1", "--json");
        JsonElement said = JsonElement.Parse((await server.StandardOutput.ReadLineAsync(Token))!);
        using HttpClient client = new() { BaseAddress = new Uri(said.GetProperty("url").GetString()!) };
        using HttpResponseMessage answer = await client.PostAsJsonAsync("/v1/completions", new { prompt = "The" }, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string[] tasks = Directory.GetDirectories($"/proc/{server.Id}/task");
        string child = Assert.Single(tasks
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        server.Kill();
        for (int i = 0; i < 500 && Lives(child); i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.False(Lives(child));
    }

    /// <summary>Whether a process is there, and not only waits for somebody to ask how it ended.</summary>
    private static bool Lives(string process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/status").Contains("State:\tZ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
