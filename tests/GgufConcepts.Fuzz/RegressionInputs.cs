namespace GgufConcepts.Fuzz;

/// <summary>Inputs that were findings once: the fuzzer begins with them, and the tests run them.</summary>
/// <remarks><c>Regressions/TARGET.txt</c>: a line of base64 for each, after a line that says what it did.</remarks>
internal static class RegressionInputs
{
    /// <summary>Those of a target.</summary>
    public static IReadOnlyList<(string What, byte[] Input)> Of(string target)
    {
        using Stream? file = typeof(RegressionInputs).Assembly.GetManifestResourceStream($"Regressions/{target}.txt");
        if (file is null)
        {
            return [];
        }

        using StreamReader reader = new(file);
        List<(string, byte[])> inputs = [];
        string what = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                what = line[1..].Trim();
            }
            else if (line.Length > 0)
            {
                inputs.Add((what, Convert.FromBase64String(line)));
            }
        }

        return inputs;
    }
}
