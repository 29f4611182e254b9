using GgufConcepts.Reading;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Reading.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_reading =
    [
        new("ReadOptions.Other", "no vectors", model => InSession(model, session => session.ReadClosely(
            new float[model.Embeddings.Width],
            new ReadOptions { Controls = true, Other = new OtherThought("nowhere", default) })), "other thought"),
    ];
}
