using GgufConcepts.Models;

namespace GgufConcepts.Hosting;

/// <summary>What a loaded model can do.</summary>
/// <param name="Vectors">Whether it can think in vectors (<see cref="Parity.Holds"/>).</param>
/// <param name="Chat">Whether it carries a chat template that can be used.</param>
public sealed record ModelAbilities(bool Vectors, bool Chat);
