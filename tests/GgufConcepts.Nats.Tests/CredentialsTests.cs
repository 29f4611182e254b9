using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using GgufConcepts.Testing;
using NATS.NKeys;

namespace GgufConcepts.Nats.Tests;

/// <summary>A server that lets in whoever has credentials of one of its accounts, made here as <c>nsc</c> makes
/// them.</summary>
public sealed class CredentialsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Connect_WithCredentials_IsLetInWithThoseOfTheAccountAlone()
    {
        using KeyPair authority = KeyPair.CreatePair(PrefixByte.Operator), stranger = KeyPair.CreatePair(PrefixByte.Account);
        using KeyPair system = KeyPair.CreatePair(PrefixByte.Account), account = KeyPair.CreatePair(PrefixByte.Account);
        using NatsServer server = new($$"""
            operator: "{{Sign(authority, authority, new JsonObject { ["type"] = "operator" })}}"
            system_account: "{{system.GetPublicKey()}}"
            resolver: MEMORY
            resolver_preload: {
              {{system.GetPublicKey()}}: "{{Sign(authority, system, Account(stores: false))}}"
              {{account.GetPublicKey()}}: "{{Sign(authority, account, Account(stores: true))}}"
            }
            """);
        CancellationToken token = TestContext.Current.CancellationToken;
        NatsServerOptions options = new(server.Url) { CredentialsFile = Credentials(account) };
        await using NatsLink link = await NatsLink.ConnectAsync(options, "test", new Progress<string>(), token);

        Assert.True(await link.StoreAsync(NatsNames.ResultSubject("0123456789abcdef", 0), [1], cancellation: token));
        foreach (string? others in (string?[])[null, Credentials(stranger)])
        {
            await Assert.ThrowsAsync<BatchServerException>(
                () => NatsLink.ConnectAsync(options with { CredentialsFile = others }, "test", new Progress<string>(), token));
        }
    }

    private static JsonObject Account(bool stores)
    {
        JsonObject limits = new() { ["wildcards"] = true };
        foreach (string limit in (string[])["subs", "data", "payload", "imports", "exports", "conn", "leaf",
            .. (string[])(stores ? ["mem_storage", "disk_storage", "streams", "consumer"] : [])])
        {
            limits[limit] = -1;
        }

        return new JsonObject { ["type"] = "account", ["limits"] = limits };
    }

    private string Credentials(KeyPair account)
    {
        using KeyPair user = KeyPair.CreatePair(PrefixByte.User);
        JsonObject claims = new() { ["type"] = "user", ["subs"] = -1, ["data"] = -1, ["payload"] = -1 };
        string path = _folder.File($"{Guid.NewGuid():N}.creds");
        File.WriteAllText(path, $"""
            -----BEGIN NATS USER JWT-----
            {Sign(account, user, claims)}
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            {user.GetSeed()}
            ------END USER NKEY SEED------
            """);
        return path;
    }

    private static string Sign(KeyPair issuer, KeyPair subject, JsonObject claims)
    {
        claims["version"] = 2;
        JsonObject all = new()
        {
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            ["iss"] = issuer.GetPublicKey(),
            ["sub"] = subject.GetPublicKey(),
            ["name"] = "test",
            ["nats"] = claims,
        };
        string text = $"{Encode("""{"typ":"JWT","alg":"ed25519-nkey"}""")}.{Encode(all.ToJsonString())}";
        byte[] signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(text), signature);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
