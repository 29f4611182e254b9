using System.Buffers;

namespace GgufConcepts.Stores;

/// <summary>What <c>--model</c> may say: one grammar for every place a model can be.</summary>
/// <remarks>
/// <code>
/// path.gguf | folder | alias
/// hf:org/repo[:quant] | hf:org/repo/file.gguf   [@revision]
/// ollama:[[host/]namespace/]name[:tag]
/// lmstudio:publisher/model[/file.gguf]
/// </code>
/// Parsing asks neither disk nor network. No part of a parsed reference leads out of the folder it is looked up in.
/// </remarks>
public abstract record ModelReference
{
    private const string HuggingFacePrefix = "hf:", OllamaPrefix = "ollama:", LmStudioPrefix = "lmstudio:";

    private static readonly SearchValues<char> s_inName = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private static readonly SearchValues<char> s_notInFileName = SearchValues.Create("\\:*?\"<>|");

    private ModelReference()
    {
    }

    /// <summary>Reads what was written.</summary>
    /// <exception cref="ConceptInputException">It begins like one of the forms and does not go on like it.</exception>
    public static ModelReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "" => throw new ConceptInputException("The model's name is empty; name a .gguf file or an alias."),
            _ when text.StartsWith(HuggingFacePrefix, StringComparison.Ordinal) => HuggingFace.ParseRest(text),
            _ when text.StartsWith(OllamaPrefix, StringComparison.Ordinal) => Ollama.ParseRest(text),
            _ when text.StartsWith(LmStudioPrefix, StringComparison.Ordinal) => LmStudio.ParseRest(text),
            _ when text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) =>
                throw Wrong(text, "it is a web address; of a page on the Hugging Face hub only org/repo is wanted"),
            _ when LooksLikeAPath(text) => new OnDisk(text),
            _ => new Alias(text),
        };
    }

    /// <summary>Whether a text, read as a reference, means what it says: not so where a name holds a sign of the
    /// grammar.</summary>
    internal static bool CanSay(string text)
    {
        try
        {
            return Parse(text).ToString() == text;
        }
        catch (ConceptInputException)
        {
            return false;
        }
    }

    /// <summary>A file, or a folder that holds one model.</summary>
    public sealed record OnDisk(string Path) : ModelReference
    {
        /// <inheritdoc/>
        public override string ToString() => Path;
    }

    /// <summary>A name of the catalog, or a file without an ending.</summary>
    public sealed record Alias(string Name) : ModelReference
    {
        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>A model on the Hugging Face hub.</summary>
    /// <param name="Repository">Such as <c>org/repo</c>.</param>
    /// <param name="Quantisation">Such as <c>Q4_K_M</c>; null for the usual choice.</param>
    /// <param name="File">Within the repository, with forward slashes; null where the quantisation chooses.</param>
    /// <param name="Revision">A branch, tag or commit; null for <c>main</c>.</param>
    public sealed record HuggingFace(string Repository, string? Quantisation, string? File, string? Revision) : ModelReference
    {
        /// <inheritdoc/>
        public override string ToString() =>
            HuggingFacePrefix + Repository + Part(":", Quantisation) + Part("/", File) + Part("@", Revision);

        internal static HuggingFace ParseRest(string text)
        {
            (string rest, string? revision) = CutLast(text[HuggingFacePrefix.Length..], '@');
            string[] parts = rest.Split('/', 3);
            if (parts.Length < 2)
            {
                throw Wrong(text, "a repository is org/repo");
            }

            (string repository, string? quantisation) = CutFirst(parts[1], ':');
            string? file = parts.Length == 3 ? parts[2] : null;
            if (quantisation is "" || revision is "")
            {
                throw Wrong(text, "something must follow its last ':' or '@'");
            }

            if (file is not null && !file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            {
                throw Wrong(text, "what follows org/repo is a file that ends in .gguf");
            }

            if (quantisation is not null && file is not null)
            {
                throw Wrong(text, "it names a quantisation and a file; leave one out");
            }

            return IsName(parts[0]) && IsName(repository) && (quantisation is null || IsName(quantisation))
                && (file is null || IsFileBelow(file)) && (revision is null || IsBelow(revision))
                ? new HuggingFace($"{parts[0]}/{repository}", quantisation, file, revision)
                : throw Wrong(text, "letters, digits, '.', '_' and '-' make its names, and a file ends in .gguf");
        }
    }

    /// <summary>A model that Ollama pulled.</summary>
    /// <param name="Host">Its registry; <c>registry.ollama.ai</c> where none is named.</param>
    /// <param name="Namespace"><c>library</c> where none is named.</param>
    /// <param name="Name">The model.</param>
    /// <param name="Tag"><c>latest</c> where none is named.</param>
    public sealed record Ollama(string Host, string Namespace, string Name, string Tag) : ModelReference
    {
        /// <summary>The registry of models named without one.</summary>
        public const string PublicHost = "registry.ollama.ai";

        /// <inheritdoc/>
        public override string ToString() => OllamaPrefix
            + (Host == PublicHost ? Namespace == "library" ? "" : Namespace + "/" : $"{Host}/{Namespace}/") + $"{Name}:{Tag}";

        internal static Ollama ParseRest(string text)
        {
            string rest = text[OllamaPrefix.Length..];
            int lastSlash = rest.LastIndexOf('/');
            (string name, string? tag) = CutFirst(rest[(lastSlash + 1)..], ':');
            string[] before = lastSlash < 0 ? [] : rest[..lastSlash].Split('/');
            Ollama? found = before switch
            {
                [] => new Ollama(PublicHost, "library", name, tag ?? "latest"),
                [string space] => new Ollama(PublicHost, space, name, tag ?? "latest"),
                [string host, string space] => new Ollama(host, space, name, tag ?? "latest"),
                _ => null,
            };
            return found is not null && IsName(found.Host.Replace(':', '-')) && IsName(found.Namespace)
                && IsName(name) && IsName(found.Tag)
                ? found
                : throw Wrong(text, "it is ollama:name[:tag], with namespace/ or host/namespace/ before the name where it has them");
        }
    }

    /// <summary>A model that LM Studio pulled.</summary>
    /// <param name="Publisher">The folder below its models.</param>
    /// <param name="Model">The folder below that.</param>
    /// <param name="File">Null for the only one, or the usual choice.</param>
    public sealed record LmStudio(string Publisher, string Model, string? File) : ModelReference
    {
        /// <inheritdoc/>
        public override string ToString() => $"{LmStudioPrefix}{Publisher}/{Model}{Part("/", File)}";

        internal static LmStudio ParseRest(string text)
        {
            string[] parts = text[LmStudioPrefix.Length..].Split('/', 3);
            return parts.Length >= 2 && IsFileName(parts[0]) && IsFileName(parts[1]) && (parts.Length == 2 || IsFileBelow(parts[2]))
                ? new LmStudio(parts[0], parts[1], parts.Length == 3 ? parts[2] : null)
                : throw Wrong(text, "it is lmstudio:publisher/model, with /file.gguf after it where there are several");
        }
    }

    // A name with a dot in it, such as qwen2.5-1.5b, is none; what lies here under just that name is found all the same.
    private static bool LooksLikeAPath(string text) =>
        text.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || text.IndexOfAny(['/', '\\']) >= 0 || text is "." or "..";

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 96 && !text.ContainsAnyExcept(s_inName) && text[0] is not ('.' or '-') && !text.Contains("..");

    /// <summary>Whether a path is that of a GGUF file below some folder, and nowhere else.</summary>
    internal static bool IsFileBelow(string path) => path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && IsBelow(path);

    private static bool IsBelow(string path) => path.Split('/').All(IsFileName);

    // What all systems take for a name in a folder.
    private static bool IsFileName(string text) =>
        text.Length is > 0 and <= 255 && text is not ("." or "..") && !text.Any(char.IsControl) && !text.ContainsAny(s_notInFileName);

    private static string Part(string separator, string? part) => part is null ? "" : separator + part;

    private static (string Before, string? After) CutFirst(string text, char at) =>
        text.IndexOf(at) is >= 0 and int index ? (text[..index], text[(index + 1)..]) : (text, null);

    private static (string Before, string? After) CutLast(string text, char at) =>
        text.LastIndexOf(at) is >= 0 and int index ? (text[..index], text[(index + 1)..]) : (text, null);

    private static ConceptInputException Wrong(string text, string why) =>
        new($"'{text}' names no model: {why}. Such as hf:org/repo:Q4_K_M, ollama:name:tag or lmstudio:publisher/model.");
}
