using GgufConcepts.Benchmarking;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Benchmarking.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_benchmarking =
    [
        new("MedianInterval.Of(values)", "none", _ => MedianInterval.Of([])),
    ];
}
