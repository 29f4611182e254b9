using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Reading;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Evaluation.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_evaluation =
    [
        .. Row.Each("McNemar.Exact(gained)", [-1], (_, gained) => McNemar.Exact(gained, 1)),
        .. Row.Each("McNemar.Exact(lost)", [-1], (_, lost) => McNemar.Exact(1, lost)),
        .. Row.Each("Wilson.Interval(right)", [-1, 3], (_, right) => Wilson.Interval(right, 2)),
        .. Row.Each("Wilson.Interval(count)", [0, -1], (_, count) => Wilson.Interval(0, count)),
        .. Row.Each("ReaderSelfTest.Confidence(hits)", [-1, 3], (_, hits) => ReaderSelfTest.Confidence(hits, 2)),
        .. Row.Each("ReaderSelfTest.Confidence(count)", [0, -1], (_, count) => ReaderSelfTest.Confidence(0, count)),
        .. Row.Each("ReaderSelfTest.Run(words)", [0, -1], (model, words) =>
            InSession(model, session => ReaderSelfTest.Run(model, session, new ReadOptions(), words, 0))),
        .. Row.Each("QuestionFile.Read(kind)", [-1, 99], (_, kind) => QuestionFile.Read("no.jsonl", (QuestionKind)kind)),
        .. Row.Each("QuestionOptions.FindProblems(kind)", [-1, 99], (_, kind) =>
            new QuestionOptions().FindProblems((QuestionKind)kind)),
        Row.None("EvalMarkdown.PValue(p)", "written as it is"),
        Row.None("ReaderSelfTest.Run(seed)", "every seed is one"),
    ];
}
