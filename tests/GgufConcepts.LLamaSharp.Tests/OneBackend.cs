using System.Runtime.CompilerServices;

namespace GgufConcepts.LLamaSharp.Tests;

/// <summary>The backend of all tests, made before any of them loads weights by LLamaSharp alone: whoever loads the library
/// first has its log.</summary>
internal static class OneBackend
{
    public static LLamaSharpBackend Instance { get; private set; } = null!;

    [ModuleInitializer]
    internal static void Make() => Instance = new LLamaSharpBackend();
}
