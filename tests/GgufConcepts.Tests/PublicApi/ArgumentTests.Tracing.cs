using GgufConcepts.Tracing;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Tracing.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_tracing =
    [
        .. Row.Each("TraceRecorder.ctor(loadMilliseconds)", [Nan, float.PositiveInfinity], (model, milliseconds) =>
            new TraceRecorder(model.Info, "a", "soft", [], 0, milliseconds)),
        .. Row.Each("TraceNeighbors.Add(count)", [0, -1], (model, count) => TraceNeighbors.Add([OneStep], model, count)),
        Row.None("TraceChunk.Of(firstStep)", "makes a record, which holds what it is given"),
        Row.None("TraceChunk.Of(stepCount)", "makes a record, which holds what it is given"),
        Row.None("TraceFile.Finish(unfinished)", "written by its name, or number"),
        Row.None("TraceRecorder.Build(unfinished)", "written by its name, or number"),
        Row.None("TraceRecorder.ctor(seed)", "every seed is one"),
    ];

    private static TraceStep OneStep => new()
    {
        Index = 0, Position = 0, Entropy = 0, Milliseconds = 0, Kind = "token", Chosen = new TraceChosen(1, "a"), Tokens = [],
    };
}
