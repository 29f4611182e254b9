using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>A fault put there on purpose: a fuzzer that does not see branches would look for it for months.</summary>
internal sealed class PlantedTarget : FuzzTarget
{
    public const string Word = "planted";

    public override string Name => Word;

    public override IEnumerable<byte[]> MakeSeeds() => [Bytes("a text")];

    public override void Run(byte[] input) => PlantedFault.Read(input);
}
