using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GgufConcepts.Testing;

namespace GgufConcepts.Nats.Tests;

/// <summary>A nats-server of its own for a test, on this machine alone, with a disk of its own. It can be killed and
/// started again.</summary>
internal sealed class NatsServer : IDisposable
{
    private const string Absent = "There is no nats-server here (Debian: apt-get install nats-server).";

    private readonly TempFolder _folder = new();
    private readonly int _port;
    private Process? _process;

    /// <param name="settings">More lines for its file of settings.</param>
    /// <param name="scheme">How clients name it.</param>
    public NatsServer(string settings = "", string scheme = "nats")
    {
        Assert.SkipWhen(Program is null, Absent);
        Settings = settings;
        _port = FreePort();
        Url = $"{scheme}://127.0.0.1:{_port}";
        Start();
    }

    public string Url { get; }

    /// <summary>More lines for its file of settings, from the next start on.</summary>
    public string Settings { get; set; }

    private static string? Program { get; } = ((string[])["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"])
        .Concat(Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [])
        .Select(folder => Path.Combine(folder, "nats-server")).FirstOrDefault(File.Exists);

    /// <summary>Starts it, and waits until it lets clients in.</summary>
    public void Start()
    {
        string settings = _folder.File("server.conf");
        File.WriteAllText(settings, $$"""
            host: 127.0.0.1
            port: {{_port}}
            jetstream { store_dir: "{{_folder.File("store")}}" }
            {{Settings}}
            """);
        _process = Process.Start(new ProcessStartInfo(Program!, ["-c", settings, "-l", _folder.File("log")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, // should it outlive the tests, nobody waits for it
        })!;
        for (Stopwatch clock = Stopwatch.StartNew(); !Answers(); Thread.Sleep(10))
        {
            Assert.False(_process.HasExited, File.Exists(_folder.File("log")) ? File.ReadAllText(_folder.File("log")) : "nats-server ended.");
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "nats-server lets nobody in.");
        }
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Loses its disk.</summary>
    public void Wipe() => Directory.Delete(_folder.File("store"), recursive: true);

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        _folder.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private bool Answers()
    {
        try
        {
            using TcpClient client = new();
            client.Connect(IPAddress.Loopback, _port);
            byte[] greeting = new byte[4];
            return client.GetStream().ReadAtLeast(greeting, 4, throwOnEndOfStream: false) == 4;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
