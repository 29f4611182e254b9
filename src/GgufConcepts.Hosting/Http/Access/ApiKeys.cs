using System.Security.Cryptography;
using System.Text;

namespace GgufConcepts.Hosting.Http.Access;

/// <summary>The keys that let a client in.</summary>
/// <remarks>Hashes of one length are compared, each to its end and all of them: how long that takes tells nothing of what
/// is right about a wrong key. Immutable; any thread.</remarks>
internal sealed class ApiKeys
{
    /// <summary>Fewest characters of a key: one that cannot be guessed over a network.</summary>
    public const int ShortestKey = 16;

    private const string Scheme = "Bearer ";

    private readonly byte[][] _hashes; // SHA-256

    /// <param name="keys">None where nobody is asked for one.</param>
    public ApiKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(Hash)];

    /// <summary>Whether clients are asked for a key.</summary>
    public bool AreAsked => _hashes.Length > 0;

    /// <summary>Whether an <c>Authorization</c> header carries one of the keys.</summary>
    public bool Accept(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true)
        {
            return false;
        }

        byte[] given = Hash(authorization[Scheme.Length..].Trim());
        bool isKnown = false;
        foreach (byte[] hash in _hashes)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(hash, given);
        }

        return isKnown;
    }

    /// <summary>What is wrong with a key, which the words do not repeat; null where nothing is.</summary>
    public static string? FindProblem(string? key) =>
        key is not { Length: >= ShortestKey } ? $"has {key?.Length ?? 0} characters; use at least {ShortestKey}, such as openssl rand -hex 24 prints."
        : key.Any(letter => letter is <= ' ' or > '~') ? "holds a space or a letter that no header takes; use printable ASCII."
        : null;

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
