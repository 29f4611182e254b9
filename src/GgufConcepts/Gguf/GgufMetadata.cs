using System.Numerics;

namespace GgufConcepts.Gguf;

/// <summary>The settings a file carries, in file order. Values stay in the file and are read when asked for.</summary>
/// <remarks>Any thread. Reading a value of a closed file throws <see cref="ObjectDisposedException"/>.</remarks>
public sealed class GgufMetadata
{
    private readonly List<GgufEntry> _entries = [];
    private readonly Dictionary<string, GgufEntry> _byKey = new(StringComparer.Ordinal);

    internal GgufMetadata()
    {
    }

    /// <summary>The settings, in file order.</summary>
    public IReadOnlyList<GgufEntry> Entries => _entries;

    /// <summary>The setting under a key, or null.</summary>
    public GgufEntry? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _byKey.GetValueOrDefault(key);
    }

    /// <summary>Reads a text; false where the key is absent.</summary>
    /// <exception cref="GgufException">The value is no text.</exception>
    public bool TryGetString(string key, out string value) =>
        TryGet(key, static entry => entry.AsString(), "", out value);

    /// <summary>Reads a whole number of any width; false where the key is absent.</summary>
    /// <exception cref="GgufException">The value is no whole number, or does not fit.</exception>
    public bool TryGetInteger<T>(string key, out T value)
        where T : struct, IBinaryInteger<T> =>
        TryGet(key, static entry => entry.AsInteger<T>(), default, out value);

    /// <summary>Reads a number with a fraction; false where the key is absent.</summary>
    /// <exception cref="GgufException">The value is no such number.</exception>
    public bool TryGetFloat(string key, out double value) => TryGet(key, static entry => entry.AsFloat(), 0, out value);

    /// <summary>Reads a truth value; false where the key is absent.</summary>
    /// <exception cref="GgufException">The value is no truth value.</exception>
    public bool TryGetBool(string key, out bool value) => TryGet(key, static entry => entry.AsBool(), false, out value);

    /// <summary>Finds an array; false where the key is absent.</summary>
    /// <exception cref="GgufException">The value is no array.</exception>
    public bool TryGetArray(string key, out GgufArray value) =>
        TryGet(key, static entry => entry.AsArray(), null!, out value);

    internal bool TryAdd(GgufEntry entry)
    {
        if (!_byKey.TryAdd(entry.Key, entry))
        {
            return false;
        }

        _entries.Add(entry);
        return true;
    }

    private bool TryGet<T>(string key, Func<GgufEntry, T> read, T absent, out T value)
    {
        bool found = _byKey.TryGetValue(key, out GgufEntry? entry);
        value = found ? read(entry!) : absent;
        return found;
    }
}
