using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GgufConcepts.Testing;

namespace GgufConcepts.Nats.Tests;

/// <summary>Being let in, and not.</summary>
public sealed class NatsServerOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nats://host:4222", "nats://host:4222")]
    [InlineData("nats://me:secret@host:4222,tls://you:p@ss@other", "nats://host:4222,tls://other")]
    [InlineData("me:secret@host", "host")]
    public void SafeUrl_WithPasswords_HasNone(string url, string safe) => Assert.Equal(safe, new NatsServerOptions(url).SafeUrl);

    [Theory]
    [InlineData("http://host", "'http://host' is no address of a NATS server")]
    [InlineData("", "'' is no address")]
    [InlineData("nats://", "'nats://' is no address")]
    [InlineData("nats://a,b c", "is no address")]
    public void FindProblems_Addresses_SaysWhichIsNone(string url, string reason) =>
        Assert.Contains(reason, Assert.Single(new NatsServerOptions(url).FindProblems()), StringComparison.Ordinal);

    [Fact]
    public void FindProblems_FilesThatAreNotThere_NamesThem()
    {
        NatsServerOptions options = new("localhost") { CredentialsFile = "/none.creds", CaFile = "/none.pem", CertificateFile = "/c.pem" };

        string problems = string.Join(" ", options.FindProblems());
        Assert.Contains("'/none.creds' with credentials", problems, StringComparison.Ordinal);
        Assert.Contains("'/none.pem' with certificates", problems, StringComparison.Ordinal);
        Assert.Contains("belong together", problems, StringComparison.Ordinal);
        Assert.Empty(new NatsServerOptions("nats://a:1,tls://b,c:2").FindProblems());
    }

    [Theory]
    [InlineData("atlas", "ggufconcepts.jobs.atlas.*.*", "worker-atlas")]
    [InlineData("hf:org/repo:Q4_K.M é", "ggufconcepts.jobs.hf=3Aorg=2Frepo=3AQ4_K=2EM=20=C3=A9.*.*", "worker-hf=3Aorg=2Frepo=3AQ4_K=2EM=20=C3=A9")]
    public void JobSubject_AnyModel_IsOnePart(string model, string subject, string consumer)
    {
        Assert.Equal(subject, NatsNames.JobSubject(model));
        Assert.Equal(consumer, NatsNames.Consumer(model));
    }

    [Fact]
    public async Task Connect_ServerThatIsNotThere_SaysSo()
    {
        BatchServerException problem = await RefuseAsync(new NatsServerOptions("nats://me:secret@127.0.0.1:9"));

        Assert.StartsWith("nats://127.0.0.1:9 cannot be used: ", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithPassword_IsLetInWithTheRightOneAlone()
    {
        using NatsServer server = new("authorization { user: me, password: secret }");
        await using NatsLink link = await ConnectAsync(new NatsServerOptions(server.Url.Replace("//", "//me:secret@", StringComparison.Ordinal)));

        Assert.Equal(server.Url, link.Url);
        Assert.Contains("uthorization", (await RefuseAsync(new NatsServerOptions(server.Url))).Message, StringComparison.Ordinal);
        await RefuseAsync(new NatsServerOptions(server.Url.Replace("//", "//me:wrong@", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Connect_WithTls_TrustsTheCertificatesThatAreGiven()
    {
        (string ca, string certificate, string key) = MakeCertificates();
        (string otherCa, string ownCertificate, string ownKey) = (MakeCertificates().Ca, certificate, key);
        using NatsServer server = new(
            $"tls {{ cert_file: \"{certificate}\", key_file: \"{key}\", ca_file: \"{ca}\", verify: true }}", scheme: "tls");
        NatsServerOptions options = new(server.Url) { CaFile = ca, CertificateFile = ownCertificate, KeyFile = ownKey };
        await using NatsLink link = await ConnectAsync(options);

        Assert.True(await link.StoreAsync(NatsNames.ResultSubject("0123456789abcdef", 0), [1], cancellation: Token));
        await RefuseAsync(options with { CaFile = otherCa });
        await RefuseAsync(options with { CertificateFile = null, KeyFile = null });
    }

    [Fact]
    public async Task Connect_WithTlsToAServerWithout_IsRefused()
    {
        using NatsServer server = new();
        await RefuseAsync(new NatsServerOptions(server.Url) { CaFile = MakeCertificates().Ca });
    }

    private static Task<NatsLink> ConnectAsync(NatsServerOptions options) =>
        NatsLink.ConnectAsync(options, "test", new Progress<string>(), Token);

    private static Task<BatchServerException> RefuseAsync(NatsServerOptions options) =>
        Assert.ThrowsAsync<BatchServerException>(() => ConnectAsync(options));

    /// <summary>An authority and a certificate of it for this machine, for servers and clients alike.</summary>
    private (string Ca, string Certificate, string Key) MakeCertificates()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authority = new($"CN=Authority {Guid.NewGuid():N}", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 ca = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(ca, now.AddDays(-1), now.AddDays(1), Guid.NewGuid().ToByteArray());
        return (Write(ca.ExportCertificatePem()), Write(certificate.ExportCertificatePem()), Write(key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string pem)
    {
        string path = _folder.File($"{Guid.NewGuid():N}.pem");
        File.WriteAllText(path, pem);
        return path;
    }
}
