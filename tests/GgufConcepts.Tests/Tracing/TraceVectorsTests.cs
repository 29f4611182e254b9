using System.Runtime.InteropServices;
using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tests.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.Tracing;

public sealed class TraceVectorsTests(LoadedModels models)
{
    private ConceptModel Model => models.Tiny(TinyArchitecture.Qwen2);

    [Fact]
    public void Rebuild_SavedVectorNotFinite_IsInputErrorNamingTheStep()
    {
        Trace trace = Runs.Think(Model, "The capital", new ThinkOptions { Strategy = new HiddenState(), MaxSteps = 2 });
        MemoryMarshal.Cast<byte, float>(trace.Steps[1].Vector.AsSpan())[5] = float.NaN;
        AssertRefused(trace, "step 1");
    }

    [Fact]
    public void Rebuild_WeightsThatOverflow_IsInputErrorNamingTheStep()
    {
        Trace trace = Runs.Think(Model, "The capital", new ThinkOptions { MaxSteps = 2 });
        TraceStep huge = trace.Steps[0] with
        {
            Tokens = [.. trace.Steps[0].Tokens.Select(token => token with { Probability = float.MaxValue })],
        };
        AssertRefused(trace with { Steps = [huge] }, "step 0");
    }

    private void AssertRefused(Trace trace, string step)
    {
        using ConceptSession session = Model.CreateSession();
        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => TraceVectors.Rebuild(trace, Model.Info, session.Embeddings));
        Assert.Contains(step, refused.Message, StringComparison.Ordinal);
    }
}
