using SharpFuzz;

namespace GgufConcepts.Fuzz.Engine;

/// <summary>Rewrites assemblies so that they count their branches.</summary>
internal static class Instrumentation
{
    private static readonly string[] s_assemblies =
    [
        "GgufConcepts", "GgufConcepts.Native", "GgufConcepts.Hosting", "GgufConcepts.Cli", "GgufConcepts.Testing",
    ];

    /// <summary>Rewrites the copies beside this program, none of which may have been loaded yet.</summary>
    public static void Run()
    {
        foreach (string name in s_assemblies)
        {
            string path = Path.Combine(AppContext.BaseDirectory, name + ".dll");
            try
            {
                SharpFuzz.Fuzzer.Instrument(path, _ => true, Options.Value);
            }
            catch (InstrumentationException problem) when (problem.Message.Contains("already", StringComparison.Ordinal))
            {
                // the build had nothing to copy
            }
        }
    }
}
