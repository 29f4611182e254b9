using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Thinking.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_thinking =
    [
        .. Row.Each("ConceptSession.Generate(maxTokens)", [0, -1], (model, most) =>
            InSession(model, session => session.Generate("a", new TokenDecoding(), most).Count()), "token limit"),
        .. Row.Each("ConceptSession.ListNext(count)", [0, -1, 257], (model, count) =>
            InSession(model, session => session.ListNext("a", 1, count)), "MaxTopK"),
        .. Row.Each("ConceptSession.ListNext(temperature)", [0, -1, Nan, float.PositiveInfinity], (model, temperature) =>
            InSession(model, session => session.ListNext("a", temperature, 1)), "Temperature"),
        new("ConceptSession.Read(vectors)", "none", model => InSession(model, session => session.Read([]))),
        new("ConceptSession.Read(vectors)", "half of one", model => InSession(model, session => session.Read([1, 2, 3]))),
        new("ConceptSession.Read(vectors)", "NaN", model =>
            InSession(model, session => session.Read(Enumerable.Repeat(Nan, model.Embeddings.Width).ToArray()))),
        new("ConceptSession.ReadClosely(vectors)", "infinity", model => InSession(model, session =>
            session.ReadClosely(Enumerable.Repeat(float.PositiveInfinity, model.Embeddings.Width).ToArray()))),
        new("ConceptSession.ReadClosely(vectors)", "more than fit", model => InSession(model, session =>
            session.ReadClosely(new float[1000 * model.Embeddings.Width])), "vectors are too many"),
        new("ConceptBatch.Think(thoughts)", "a null among them", model =>
        {
            using ConceptBatch batch = model.CreateBatch(1);
            _ = batch.Think([new BatchThought("a"), null!]).Count();
        }),
        new("ChatOptions.History", "null", model => Chat(model, null!), "history"),
        new("ChatOptions.History", "a null among them", model => Chat(model, [null!]), "history"),
        new("ChatOptions.History", "a message of null", model => Chat(model, [new ChatTurn(ChatRole.User, null!)]), "history"),
        new("ChatOptions.History", "no such role", model => Chat(model, [new ChatTurn((ChatRole)99, "a")]), "history"),
        .. Row.Each("BatchThought.Samples(count)", [0, -1], (_, count) => BatchThought.Samples("a", count)),
        .. Row.Each("Translation.Translate(maxTokens)", [0, -1], (model, most) =>
            InSession(model, session => Translation.Translate(session, "a", "b", "c", most)), "token limit"),
        Row.None("ConceptSession.Generate(seed)", "every seed is one"),
        Row.None("ConceptSession.ReadClosely(seed)", "every seed is one"),
        Row.None("OtherThoughts.Think(count)", "brought into range: as many as there are"),
    ];

    private static void Chat(ConceptModel model, IReadOnlyList<ChatTurn> history)
    {
        ChatOptions chat = new() { Template = "chatml", History = history };
        InSession(model, session => _ = session.Generate("a", new TokenDecoding(), maxTokens: 1, chat: chat).Count());
    }
}
