using System.Net;
using System.Security.Cryptography;

namespace GgufConcepts.Downloads;

/// <summary>Brings one file: goes on where the last try ended, takes cut connections up again, checks what came.</summary>
internal sealed class BlobDownload(HubClient hub, HubRepository repository, PullFile file, PullTally tally, TimeSpan firstPause)
{
    private const int MostIdleTries = 6; // in a row that brought nothing
    private const int BufferBytes = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Where a blob lies while it comes.</summary>
    public static string Incomplete(string blob) => blob + ".incomplete";

    /// <summary>Makes the blob.</summary>
    /// <exception cref="ModelPullException">What came is not what was promised.</exception>
    /// <exception cref="HttpRequestException">The connection is lost for good.</exception>
    public async Task RunAsync(string blob, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (FileStream target = new(Incomplete(blob), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read))
        {
            if (target.Length > file.Bytes)
            {
                target.SetLength(0);
            }

            await HashAsync(target, hash, cancellation).ConfigureAwait(false);
            await FetchAsync(target, hash, cancellation).ConfigureAwait(false);
            target.Flush(flushToDisk: true);
        }

        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (file.Tag != found)
        {
            File.Delete(Incomplete(blob));
            throw new ModelPullException(
                $"{file.Path}: what came has SHA-256 {found} where {file.Tag} was promised; it was thrown away. Try again.");
        }

        File.Move(Incomplete(blob), blob, overwrite: true);
    }

    /// <summary>Reads what an earlier try left.</summary>
    private async Task HashAsync(FileStream target, IncrementalHash hash, CancellationToken cancellation)
    {
        for (int read; (read = await target.ReadAsync(_buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(_buffer, 0, read);
            tally.Add(read);
        }
    }

    private async Task FetchAsync(FileStream target, IncrementalHash hash, CancellationToken cancellation)
    {
        HttpRequestException? last = null;
        long furthest = target.Position; // a server without parts begins anew each time: that alone is no progress
        for (int idle = 0; target.Position < file.Bytes;)
        {
            if (idle > 0)
            {
                await Task.Delay(firstPause * Math.Pow(2, idle - 1), cancellation).ConfigureAwait(false);
            }

            long before = target.Position;
            try
            {
                using HttpResponseMessage response = await hub.OpenAsync(repository, file.Path, before, cancellation).ConfigureAwait(false);
                Require(response, before);
                if (before > 0 && response.StatusCode == HttpStatusCode.OK) // it does not do parts: all of it comes again
                {
                    tally.Add(-before);
                    target.SetLength(0);
                    hash.GetHashAndReset();
                }

                await CopyAsync(response, target, hash, cancellation).ConfigureAwait(false);
                last = new HttpRequestException("the connection ended early.");
            }
            catch (HttpRequestException problem)
            {
                last = problem;
            }

            idle = target.Position > furthest ? 0 : idle + 1;
            furthest = Math.Max(furthest, target.Position);
            if (idle > MostIdleTries)
            {
                throw last;
            }
        }
    }

    /// <summary>Holds an answer to what was asked: the part from there on, of a file that is as long as it was.</summary>
    private void Require(HttpResponseMessage response, long from)
    {
        long? begin = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From : 0;
        long? whole = response.StatusCode == HttpStatusCode.PartialContent
            ? response.Content.Headers.ContentRange?.Length ?? file.Bytes
            : response.Content.Headers.ContentLength ?? file.Bytes;
        if ((response.StatusCode == HttpStatusCode.PartialContent && begin != from) || whole != file.Bytes)
        {
            throw new ModelPullException(
                $"{file.Path}: the other side sends bytes from {begin} of {whole}, where those from {from} of {file.Bytes} were asked for. Try again.");
        }
    }

    private async Task CopyAsync(HttpResponseMessage response, FileStream target, IncrementalHash hash, CancellationToken cancellation)
    {
        Stream source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            for (int read; target.Position < file.Bytes && (read = await ReadAsync(source, cancellation).ConfigureAwait(false)) > 0;)
            {
                read = (int)Math.Min(read, file.Bytes - target.Position);
                await WriteAsync(target, read, cancellation).ConfigureAwait(false);
                hash.AppendData(_buffer, 0, read);
                tally.Add(read);
            }
        }
    }

    private async Task WriteAsync(FileStream target, int count, CancellationToken cancellation)
    {
        try
        {
            await target.WriteAsync(_buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException problem) when (FileTooLong.IsMeant(problem))
        {
            throw FileTooLong.Describe(problem);
        }
    }

    /// <summary>Reads what comes; a connection that is cut or silent is one that ended.</summary>
    private async Task<int> ReadAsync(Stream source, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(HubClient.Patience);
        try
        {
            return await source.ReadAsync(_buffer, patience.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException || (problem is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return 0;
        }
    }
}
