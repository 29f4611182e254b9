using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GgufConcepts;

/// <summary>Reads the fields of a JSON object that somebody wrote: each of the right type, none that nobody
/// knows.</summary>
/// <remarks>Every refusal is a <see cref="ConceptInputException"/> that names the field. One caller at a time.</remarks>
public sealed class JsonFields
{
    private readonly JsonObject _object;
    private readonly string _place;
    private readonly HashSet<string> _known = [];

    /// <summary>Begins to read an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="place">What stands before its fields' names in messages, such as <c>answer.</c>; empty for the
    /// outermost.</param>
    /// <exception cref="ConceptInputException">A name or text in it cannot be read.</exception>
    public JsonFields(JsonObject json, string place = "")
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(place);
        (_object, _place) = (json, place);
        if (JsonTexts.FindProblem(json) is { } problem)
        {
            throw Unreadable(problem);
        }
    }

    private JsonFields(JsonFields outer, string name, JsonObject json) => (_object, _place) = (json, $"{outer._place}{name}.");

    /// <summary>The fields that nothing has read.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Others => _object.Where(each => !_known.Contains(each.Key));

    /// <summary>The names of those that something has read, in their order.</summary>
    public IEnumerable<string> Known => _known.Order(StringComparer.Ordinal);

    /// <summary>The name of a field as messages have it.</summary>
    public string NameOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _place + name;
    }

    /// <summary>Whether a field is there, if only as null.</summary>
    public bool Has(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _known.Add(name);
        return _object.ContainsKey(name);
    }

    /// <summary>Reads a field of any type; null where it is left out or null.</summary>
    public JsonNode? Node(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _known.Add(name);
        return _object[name];
    }

    /// <summary>Reads a text; null where it is left out or null.</summary>
    public string? Text(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonNode other => throw Unusable(name, other, "a text in quotes"),
    };

    /// <summary>Reads a whole number; null where it is left out or null.</summary>
    public int? Whole(string name) => Number(name, "a whole number of at most 2147483647", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : (int?)null);

    /// <summary>Reads a whole number of up to 64 bits; null where it is left out or null.</summary>
    public ulong? Seed(string name) => Number(name, "a whole number from 0 to 18446744073709551615", text =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : (ulong?)null);

    /// <summary>Reads a finite number; null where it is left out or null.</summary>
    public double? Number(string name) => Number(name, "a number", text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : (double?)null);

    /// <summary>Reads a finite number of 32 bits; null where it is left out or null.</summary>
    public float? ShortNumber(string name) => Number(name, "a number", text =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? number
            : (float?)null);

    /// <summary>Reads true or false; null where it is left out or null.</summary>
    public bool? Flag(string name) => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        JsonNode other => throw Unusable(name, other, "true or false"),
    };

    /// <summary>Reads an object; null where it is left out or null.</summary>
    public JsonFields? Nested(string name) => Node(name) switch
    {
        null => null,
        JsonObject json => new JsonFields(this, name, json), // was looked at with all of it
        JsonNode other => throw Unusable(name, other, "an object in braces"),
    };

    /// <summary>Reads a list of texts; null where it is left out or null. One text alone counts as a list.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        const string Wanted = "a text, or a list of texts";
        return Node(name) switch
        {
            null => null,
            JsonArray list =>
            [
                .. list.Select(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String
                    ? value.GetValue<string>()
                    : throw Unusable(name, list, Wanted)),
            ],
            JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
            JsonNode other => throw Unusable(name, other, Wanted),
        };
    }

    /// <summary>A refusal of a field's value.</summary>
    /// <param name="name">The field.</param>
    /// <param name="value">What it is.</param>
    /// <param name="wanted">What it may be.</param>
    public ConceptInputException Unusable(string name, JsonNode value, string wanted)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(value);
        return new ConceptInputException($"{_place}{name} is {BriefText.Of(value.ToJsonString())}; use {wanted}.")
        {
            Field = _place + name,
        };
    }

    /// <summary>Refuses a field that must be there and is not.</summary>
    /// <param name="name">The field.</param>
    /// <param name="wanted">What to give.</param>
    public ConceptInputException Missing(string name, string wanted)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(wanted);
        return new($"{_place}{name} is missing; give {wanted}.") { Field = _place + name };
    }

    /// <summary>Refuses fields that nothing has read.</summary>
    public void RefuseOthers()
    {
        if (Others.FirstOrDefault() is { Key: { } other })
        {
            string unknown = BriefText.Of(other);
            throw new ConceptInputException(
                $"There is no field {_place}{unknown}; there are {string.Join(", ", Known)}.")
            {
                Field = _place + unknown,
            };
        }
    }

    private T? Number<T>(string name, string wanted, Func<string, T?> parse)
        where T : struct => Node(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && parse(value.ToJsonString()) is { } number => number,
        JsonNode other => throw Unusable(name, other, wanted),
    };

    private ConceptInputException Unreadable(string problem)
    {
        string? name = null;
        try
        {
            name = _object.FirstOrDefault(field => JsonTexts.FindProblem(field.Value) is not null).Key;
        }
        catch (Exception unreadable) when (unreadable is InvalidOperationException or ArgumentException)
        {
            // it is a name of this very object
        }

        string? field = name is null ? null : _place + BriefText.Of(name);
        return new ConceptInputException($"{field ?? "The object"} {problem}.") { Field = field };
    }
}
