using GgufConcepts.Fuzz.Engine;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>All targets. One more is a class and a line here.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> s_all = new()
    {
        ["gguf"] = () => new GgufTarget(),
        ["trace"] = () => new TraceTarget(),
        ["request"] = () => new RequestTarget(),
        ["tokenizer"] = () => new TokenizerTarget(),
        ["batch"] = () => new BatchTarget(),
        ["safetensors"] = () => new SafetensorsTarget(),
        ["worker"] = () => new WorkerTarget(),
        [PlantedTarget.Word] = () => new PlantedTarget(),
    };

    /// <summary>What they are called; the planted one, which shows that the fuzzer finds something, among them.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>Those of code that is in use.</summary>
    public static IEnumerable<string> Real => s_all.Keys.Where(name => name != PlantedTarget.Word);

    /// <summary>Makes one.</summary>
    public static FuzzTarget Make(string name) => s_all[name]();
}
