using System.Text;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats;

/// <summary>A connection to a server, which comes back by itself, with the streams that batches need. Any thread.</summary>
public sealed class NatsLink : IAsyncDisposable
{
    private const int StoreFailed = 10077; // what the server calls a message that a stream's limits refuse

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_forRoom = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    private readonly NatsConnection _connection;
    private readonly IProgress<string> _notices;
    private string _lastNotice = "";

    private NatsLink(NatsConnection connection, string url, IProgress<string> notices)
    {
        (_connection, Url, _notices) = (connection, url, notices);
        JetStream = new NatsJSContext(connection);
        bool lost = false;
        connection.ConnectionDisconnected += (_, _) =>
        {
            lost = true;
            Note($"Lost {url}; trying to reach it again.");
            return default;
        };
        connection.ConnectionOpened += (_, _) =>
        {
            if (lost)
            {
                Note($"{url} is there again.");
            }

            return default;
        };
    }

    /// <summary>The server, without user and password.</summary>
    public string Url { get; }

    /// <summary>Bytes in the largest message that the server takes.</summary>
    internal int LargestMessage => _connection.ServerInfo?.MaxPayload ?? 1 << 20;

    internal INatsConnection Connection => _connection;

    internal NatsJSContext JetStream { get; }

    internal static INatsSerializer<byte[]> Raw => NatsRawSerializer<byte[]>.Default;

    /// <summary>Connects, and makes the streams that are not there yet. Those that are there stay as they are.</summary>
    /// <param name="options">Which server.</param>
    /// <param name="name">What the server's lists call this client.</param>
    /// <param name="notices">Told in a sentence where something is waited for.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ConceptInputException">An option is wrong.</exception>
    /// <exception cref="BatchServerException">The server cannot be reached, refuses, or has no JetStream.</exception>
    public static async Task<NatsLink> ConnectAsync(
        NatsServerOptions options, string name, IProgress<string> notices, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(notices);
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        NatsConnection? connection = null;
        try
        {
            connection = new NatsConnection(options.ToClient(name));
            await connection.ConnectAsync().AsTask().WaitAsync(cancellation).ConfigureAwait(false);
            NatsLink link = new(connection, options.SafeUrl, notices);
            await link.MakeStreamsAsync(cancellation).ConfigureAwait(false);
            return link;
        }
        catch (Exception problem) when (problem is not (OperationCanceledException or ConceptInputException))
        {
            await DisposeAsync(connection).ConfigureAwait(false);
            throw problem as BatchServerException ?? new BatchServerException(
                $"{options.SafeUrl} cannot be used: {Innermost(problem)} Check the address, that nats-server runs there, and how it " +
                "lets clients in (TLS, credentials).", problem);
        }
        catch
        {
            await DisposeAsync(connection).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync() => await DisposeAsync(_connection).ConfigureAwait(false);

    /// <summary>Says something once, until something else was said.</summary>
    internal void Note(string notice)
    {
        if (Interlocked.Exchange(ref _lastNotice, notice) != notice)
        {
            _notices.Report(notice);
        }
    }

    /// <summary>Stores a message under a subject that may have one alone, and tries until that is done.</summary>
    /// <returns>False where the subject has one already.</returns>
    /// <exception cref="BatchServerException">The server refuses it for good.</exception>
    internal async Task<bool> StoreAsync(
        string subject, byte[] content, NatsHeaders? headers = null, CancellationToken cancellation = default)
    {
        return await TryAsync(async () =>
        {
            PubAckResponse answer = await JetStream.PublishAsync(
                subject, content, Raw, headers: headers, cancellationToken: cancellation).ConfigureAwait(false);
            return answer.Error switch
            {
                null => true,
                { ErrCode: StoreFailed, Description: { } text } when text.Contains("per subject", StringComparison.Ordinal) => false,
                { } refusal => throw new NatsJSApiException(refusal),
            };
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Does something with the server, and tries until it is done.</summary>
    internal async Task<T> TryAsync<T>(Func<Task<T>> action, CancellationToken cancellation)
    {
        TimeSpan wait = s_shortest;
        while (true)
        {
            try
            {
                return await action().ConfigureAwait(false);
            }
            catch (Exception problem) when (Passes(problem, cancellation))
            {
                wait = await WaitAsync(problem, wait, cancellation).ConfigureAwait(false);
            }
            catch (NatsException problem)
            {
                throw Explain(problem);
            }
        }
    }

    /// <summary>A problem as those who use batches know it.</summary>
    internal Exception Explain(Exception problem) => problem switch
    {
        NatsException when _connection.ConnectionState is NatsConnectionState.Failed =>
            new BatchServerException($"{Url} lets this client in no more: {Innermost(problem)}", problem),
        NatsException => new BatchServerException($"{Url}: {Innermost(problem)}", problem),
        _ => problem,
    };

    /// <summary>Waits after a problem that may pass, longer each time.</summary>
    /// <returns>What to wait the next time.</returns>
    internal async Task<TimeSpan> WaitAsync(Exception problem, TimeSpan wait, CancellationToken cancellation)
    {
        if (problem is NatsJSApiException { Error: { } refusal })
        {
            Note($"{Url}: {refusal.Description}; trying again.");
        }

        await Task.Delay(wait, cancellation).ConfigureAwait(false);
        if (problem is NatsNoRespondersException or NatsJSPublishNoResponseException or NatsJSApiException { Error.Code: 404 })
        {
            await TryMakeStreamsAsync(cancellation).ConfigureAwait(false); // the server has lost them, or is just starting
        }

        TimeSpan longest = problem is NatsJSApiException ? s_forRoom : s_longest;
        return wait * 2 < longest ? wait * 2 : longest;
    }

    /// <summary>Whether what went wrong may go right another time.</summary>
    internal bool Passes(Exception problem, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested
        && _connection.ConnectionState is not NatsConnectionState.Failed
        && problem is (NatsException and not NatsPayloadTooLargeException) or TimeoutException or IOException
            or OperationCanceledException or System.Net.Sockets.SocketException;

    private async Task TryMakeStreamsAsync(CancellationToken cancellation)
    {
        try
        {
            await MakeStreamsAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is BatchServerException || Passes(problem, cancellation))
        {
            // whoever waits tries again
        }
    }

    private async Task MakeStreamsAsync(CancellationToken cancellation)
    {
        try
        {
            await MakeStreamAsync(new StreamConfig(NatsNames.Jobs, [NatsNames.All("jobs")])
            {
                Retention = StreamConfigRetention.Workqueue,
                Discard = StreamConfigDiscard.New,
                DiscardNewPerSubject = true,
            }, cancellation).ConfigureAwait(false);
            await MakeStreamAsync(new StreamConfig(NatsNames.Results, [NatsNames.All("results")])
            {
                MaxAge = TimeSpan.FromDays(7), Discard = StreamConfigDiscard.New, DiscardNewPerSubject = true,
            }, cancellation).ConfigureAwait(false);
            await MakeStreamAsync(
                new StreamConfig(NatsNames.Dead, [NatsNames.All("dead")]) { MaxAge = TimeSpan.FromDays(30) }, cancellation).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is NatsNoRespondersException or NatsJSApiNoResponseException)
        {
            throw new BatchServerException($"{Url} has no JetStream; start it with: nats-server -js", problem);
        }
        catch (NatsJSApiException problem)
        {
            throw new BatchServerException($"{Url} refuses a stream: {problem.Error.Description} (error {problem.Error.ErrCode})", problem);
        }
    }

    private async Task MakeStreamAsync(StreamConfig wanted, CancellationToken cancellation)
    {
        try
        {
            await JetStream.GetStreamAsync(wanted.Name!, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (NatsJSApiException problem) when (problem.Error.Code == 404)
        {
            wanted.MaxMsgsPerSubject = 1;
            wanted.Storage = StreamConfigStorage.File;
            await JetStream.CreateStreamAsync(wanted, cancellation).ConfigureAwait(false);
        }
    }

    private static async ValueTask DisposeAsync(NatsConnection? connection)
    {
        try
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().AsTask().WaitAsync(s_goodbye).ConfigureAwait(false);
            }
        }
        catch (Exception problem) when (problem is NatsException or TimeoutException)
        {
            // the server is away and hears no goodbye
        }
    }

    private static string Innermost(Exception problem)
    {
        StringBuilder text = new(problem.Message.ReplaceLineEndings(" ").TrimEnd('.', ' '));
        while (problem.InnerException is { } inner)
        {
            problem = inner;
            text.Append(": ").Append(inner.Message.ReplaceLineEndings(" ").TrimEnd('.', ' '));
        }

        return text.Append('.').ToString();
    }
}
