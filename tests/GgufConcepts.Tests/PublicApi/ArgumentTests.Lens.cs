using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Lens.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_lens =
    [
        Row.None("LensPositions.Contains(position)", "a question, answered with no"),
        Row.None("LensPositions.Contains(promptLength)", "a question, answered with no"),
    ];
}
