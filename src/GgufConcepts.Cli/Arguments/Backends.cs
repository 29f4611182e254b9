using GgufConcepts.Models;

namespace GgufConcepts.Cli.Arguments;

/// <summary>What <c>--backend</c> can name in this build.</summary>
internal static class Backends
{
    public const string Own = "llama.cpp";
    public const string LLamaSharp = "llamasharp";

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } =
#if WITH_LLAMASHARP
        [Own, LLamaSharp];
#else
        [Own];
#endif

    /// <summary>How to get the other one; null where it is in.</summary>
    public static string? Missing => Names.Count > 1
        ? null
        : "llamasharp is not in this build: build.sh adds it on x64 where the package feed has LLamaSharp and its Backend.Cpu";

    /// <summary>The backend of a name; null for the llama.cpp that comes along.</summary>
    /// <exception cref="ConceptInputException">There is none of that name here.</exception>
    public static IModelBackend? Of(string? name) => name switch
    {
        null or Own => null,
#if WITH_LLAMASHARP
        LLamaSharp => new LLamaSharp.LLamaSharpBackend(),
#else
        LLamaSharp => throw new ConceptInputException($"{Missing}."),
#endif
        _ => throw new ConceptInputException($"--backend is '{name}'; use {string.Join(" or ", Names)}."),
    };
}
