namespace GgufConcepts.Testing.PublicApi;

/// <summary>One mistake that a caller can make, or the reason why there is none.</summary>
/// <typeparam name="TWith">What the call needs at hand.</typeparam>
/// <param name="Key">The parameter that is wrong: <c>Tokenizer.Text(id)</c>.</param>
/// <param name="Case">What is wrong with it, or the reason.</param>
/// <param name="Call">Makes the mistake; null where there is none to make.</param>
/// <param name="Says">What the message of a <see cref="ConceptInputException"/> names it by; null where it is an
/// <see cref="ArgumentException"/>.</param>
public sealed record WrongArgument<TWith>(string Key, string Case, Action<TWith>? Call, string? Says = null)
{
    /// <summary>What a test calls it.</summary>
    public string Name => $"{Key}: {Case}";

    /// <summary>A mistake for each of some values.</summary>
    public static IEnumerable<WrongArgument<TWith>> Each<T>(
        string key, T[] values, Action<TWith, T> call, string? says = null) =>
        values.Select(value => new WrongArgument<TWith>(key, value?.ToString() ?? "null", with => call(with, value), says));

    /// <summary>A mistake for each of some paths that lead to no model's file.</summary>
    public static IEnumerable<WrongArgument<TWith>> Paths(string key, Action<TWith, string> call) =>
    [
        new(key, "empty", with => call(with, ""), ""),
        new(key, "NUL", with => call(with, "a\0b.gguf"), ""),
        new(key, "half a surrogate", with => call(with, "a\ud800.gguf"), ""),
        new(key, "5,000 characters", with => call(with, new string('a', 5000) + ".gguf"), ""),
        new(key, "an empty folder", with =>
        {
            using TempFolder folder = new();
            call(with, folder.Path);
        }, ""),
    ];

    /// <summary>A parameter of which no value is wrong, or that others test.</summary>
    public static WrongArgument<TWith> None(string key, string reason) => new(key, reason, Call: null);

    /// <summary>Makes the mistake, and throws what comes of it unless that is an exception which names the
    /// parameter.</summary>
    public void Check(TWith with)
    {
        try
        {
            Call!(with);
        }
        catch (ArgumentException wrong) when (Says is null && Key.EndsWith($"({wrong.ParamName})", StringComparison.Ordinal))
        {
            return;
        }
        catch (ConceptInputException refused)
            when (Says is not null && refused.Message.Contains(Says, StringComparison.Ordinal))
        {
            return;
        }

        throw new InvalidOperationException("Nothing was thrown.");
    }
}
