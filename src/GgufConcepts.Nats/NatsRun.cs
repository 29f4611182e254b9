using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats;

/// <summary>A batch on a server: its name there, kept in a file beside the results until all of them are in.</summary>
/// <param name="Id">Its name, 16 hexadecimal digits.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Fingerprint">Of the prompts: <see cref="BatchInput.Fingerprint"/>.</param>
/// <param name="IsResumed">Whether it was begun before, so that the server may hold jobs and results of it.</param>
public sealed record NatsRun(string Id, string Model, string Fingerprint, bool IsResumed)
{
    /// <summary>A run that nobody knows yet.</summary>
    public static NatsRun New(BatchInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new NatsRun(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), input.Model, input.Fingerprint, IsResumed: false);
    }

    /// <summary>Where the name is kept.</summary>
    /// <param name="outputPath">The file of results.</param>
    public static string PathOf(string outputPath) => outputPath + ".run";

    /// <summary>The run whose name lies beside a file of results; null where there is none.</summary>
    /// <exception cref="ConceptInputException">The file holds something else.</exception>
    public static NatsRun? Find(string outputPath)
    {
        string path = PathOf(outputPath);
        try
        {
            JsonFields fields = JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject json ? new JsonFields(json) : throw new JsonException();
            return fields.Text("run") is { Length: 16 } id && id.All(char.IsAsciiHexDigitLower)
                && fields.Text("model") is { } model && fields.Text("fingerprint") is { } fingerprint
                    ? new NatsRun(id, model, fingerprint, IsResumed: true)
                    : throw new JsonException();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException problem)
        {
            throw new ConceptInputException(
                $"{path} does not hold the name of a run; remove it to begin another, or name another --out.", problem);
        }
    }

    /// <summary>Keeps the name.</summary>
    public void Keep(string outputPath)
    {
        string path = PathOf(outputPath), temporary = $"{path}.tmp";
        File.WriteAllText(temporary, new JsonObject { ["run"] = Id, ["model"] = Model, ["fingerprint"] = Fingerprint }.ToJsonString());
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Forgets the name.</summary>
    public static void Forget(string outputPath) => File.Delete(PathOf(outputPath));

    /// <summary>Takes all jobs and results of the run off the server, and tells workers to let go of what they do for it.</summary>
    /// <exception cref="BatchServerException">The server lets this client in no more.</exception>
    public async Task CancelAsync(NatsLink link, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        await PurgeAsync(link, NatsNames.Jobs, NatsNames.JobSubject(Model, Id), cancellation).ConfigureAwait(false);
        await link.TryAsync(async () =>
        {
            await link.Connection.PublishAsync(NatsNames.CancelSubject(Id), cancellationToken: cancellation).ConfigureAwait(false);
            await link.Connection.PingAsync(cancellation).ConfigureAwait(false); // it is on its way
            return true;
        }, cancellation).ConfigureAwait(false);
        await ClearAsync(link, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes the results of the run off the server.</summary>
    public Task ClearAsync(NatsLink link, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        return PurgeAsync(link, NatsNames.Results, NatsNames.ResultSubject(Id), cancellation);
    }

    private static Task<StreamPurgeResponse> PurgeAsync(NatsLink link, string stream, string subject, CancellationToken cancellation) =>
        link.TryAsync(
            async () => await link.JetStream.PurgeStreamAsync(stream, new StreamPurgeRequest { Filter = subject }, cancellation).ConfigureAwait(false),
            cancellation);
}
