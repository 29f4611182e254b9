using GgufConcepts.Stores;

namespace GgufConcepts.Downloads;

/// <summary>Which hub to ask, as whom, and whether to ask at all.</summary>
/// <param name="Address">Its root; a slash ends it.</param>
/// <param name="Token">Sent to <see cref="Address"/> alone, never to where it redirects; null for none.</param>
/// <param name="Offline">Whether the network is not to be used.</param>
public sealed record HubEndpoint(Uri Address, string? Token, bool Offline)
{
    private static readonly string[] s_true = ["1", "ON", "YES", "TRUE"];

    /// <summary>As the environment says: HF_ENDPOINT, HF_TOKEN or its file (HF_TOKEN_PATH, or <c>token</c> in the hub's
    /// home), HF_HUB_OFFLINE.</summary>
    /// <param name="variable">The value of an environment variable, null or empty where it is not set.</param>
    /// <param name="home">The user's home folder.</param>
    /// <exception cref="ConceptInputException">HF_ENDPOINT is no address, or the token is none.</exception>
    public static HubEndpoint From(Func<string, string?> variable, string home)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(home);
        string address = variable("HF_ENDPOINT") is { Length: > 0 } named ? named : "https://huggingface.co";
        return Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out Uri? root) && root.Scheme is "https" or "http"
            ? new HubEndpoint(root!, TokenOf(variable, home), s_true.Contains(variable("HF_HUB_OFFLINE")?.ToUpperInvariant()))
            : throw new ConceptInputException($"HF_ENDPOINT is '{address}'; use an address such as https://huggingface.co.");
    }

    /// <summary>Whether an address is the hub itself: same scheme, host and port.</summary>
    internal bool IsItself(Uri address) =>
        Uri.Compare(Address, address, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? TokenOf(Func<string, string?> variable, string home)
    {
        if (variable("HF_TOKEN")?.Trim() is { Length: > 0 } token)
        {
            return Check(token);
        }

        string file = variable("HF_TOKEN_PATH") is { Length: > 0 } named ? named : Path.Combine(ModelStores.HubHome(variable, home), "token");
        return StoreFolder.Line(file) is { Length: > 0 } kept ? Check(kept) : null;
    }

    private static string Check(string token) => token.All(letter => letter is > ' ' and <= '~')
        ? token
        : throw new ConceptInputException("HF_TOKEN or its file holds more than a token; a token is one word.");
}
