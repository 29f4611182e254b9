using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using NATS.Client.JetStream.Models;

namespace GgufConcepts.Nats;

/// <summary>A batch on a server: its name there, kept in a file beside the results until all of them are in.</summary>
public sealed record NatsRun
{
    private const int Digits = 16;

    /// <summary>Names a batch.</summary>
    /// <param name="id">Its name, 16 hexadecimal digits.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="fingerprint">Of the prompts: <see cref="BatchInput.Fingerprint"/>.</param>
    /// <param name="isResumed">Whether it was begun before, so that the server may hold jobs and results of it.</param>
    /// <exception cref="ArgumentException">No batch has such a name, or no model.</exception>
    public NatsRun(string id, string model, string fingerprint, bool isResumed)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(fingerprint);
        if (!IsId(id)) // of * one would take off the server what is of others
        {
            throw new ArgumentException($"'{id}' is no name of a run; use {Digits} hexadecimal digits.", nameof(id));
        }

        if (NatsNames.FindProblem(model) is { } problem)
        {
            throw new ArgumentException(problem, nameof(model));
        }

        (Id, Model, Fingerprint, IsResumed) = (id, model, fingerprint, isResumed);
    }

    /// <summary>Its name, 16 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>Of the prompts: <see cref="BatchInput.Fingerprint"/>.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether it was begun before, so that the server may hold jobs and results of it.</summary>
    public bool IsResumed { get; init; }

    /// <summary>A run that nobody knows yet.</summary>
    /// <exception cref="ConceptInputException">A server cannot take jobs of such a model.</exception>
    public static NatsRun New(BatchInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return NatsNames.FindProblem(input.Model) is { } problem
            ? throw new ConceptInputException(problem)
            : new NatsRun(
                RandomNumberGenerator.GetHexString(Digits, lowercase: true), input.Model, input.Fingerprint, isResumed: false);
    }

    /// <summary>Where the name is kept.</summary>
    /// <param name="outputPath">The file of results.</param>
    public static string PathOf(string outputPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputPath);
        return outputPath.Contains('\0')
            ? throw new ArgumentException("No path has a NUL in it.", nameof(outputPath))
            : outputPath + ".run";
    }

    /// <summary>The run whose name lies beside a file of results; null where there is none.</summary>
    /// <exception cref="ConceptInputException">The file holds something else.</exception>
    public static NatsRun? Find(string outputPath)
    {
        string path = PathOf(outputPath);
        try
        {
            JsonFields fields = JsonNode.Parse(File.ReadAllBytes(path)) is JsonObject json ? new JsonFields(json) : throw new JsonException();
            return fields.Text("run") is { } id && IsId(id)
                && fields.Text("model") is { } model && NatsNames.FindProblem(model) is null
                && fields.Text("fingerprint") is { } fingerprint
                    ? new NatsRun(id, model, fingerprint, isResumed: true)
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

    private static bool IsId(string id) => id.Length == Digits && id.All(char.IsAsciiHexDigitLower);

    private static Task<StreamPurgeResponse> PurgeAsync(NatsLink link, string stream, string subject, CancellationToken cancellation) =>
        link.TryAsync(
            async () => await link.JetStream.PurgeStreamAsync(stream, new StreamPurgeRequest { Filter = subject }, cancellation).ConfigureAwait(false),
            cancellation);
}
