using GgufConcepts.Testing;
using GgufConcepts.Tests.Stores;

namespace GgufConcepts.Tests.Models;

/// <summary>The models that walk on maps: the runtime says what their trainer said, hidden states fed back
/// included.</summary>
public sealed class ReachTests(LoadedModels models)
{
    /// <summary>All models of the task.</summary>
    public static TheoryData<string> Names { get; } = [.. CatalogTests.MadeBy("training/reach.py")];

    [Theory, MemberData(nameof(Names))]
    public void Logits_OfTokensAndHiddenStates_EqualPyTorch(string name) =>
        RecipeFigures.AssertLogits(models.Committed(name), RecipeFigures.Read(CommittedModels.Path($"{name}.json")));
}
