using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Testing.PublicApi;
using GgufConcepts.Thinking;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>What a caller can get wrong: each is an exception that names the parameter, in this process.</summary>
/// <remarks>The rows stand in a part for each folder of the library. Nulls are in <see cref="NullArgumentTests"/>, and what
/// decoders refuse in <c>DecoderContract</c>, for every backend.</remarks>
public sealed partial class ArgumentTests(LoadedModels models)
{
    private const float Nan = float.NaN;

    public static TheoryData<string> Names => [.. Table.Names];

    private static ArgumentTable<ConceptModel> Table => new(
        typeof(ConceptModel).Assembly,
        [
            .. s_batches, .. s_benchmarking, .. s_decoding, .. s_evaluation, .. s_gguf, .. s_lens, .. s_mixing, .. s_models,
            .. s_reading, .. s_strategies, .. s_thinking, .. s_tracing,
        ]);

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name) =>
        Table.Check(name, models.Tiny(TinyArchitecture.Qwen2));

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason() => Assert.Empty(Table.FindGaps());

    /// <summary>Ids that no vocabulary has.</summary>
    private static IEnumerable<Row> Ids(string key, Action<ConceptModel, int> call) =>
    [
        .. Row.Each(key, [-1, int.MinValue, int.MaxValue], call),
        new(key, "one past the last", model => call(model, Math.Max(model.Tokenizer.Count, model.Embeddings.RowCount))),
    ];

    private static void InSession(ConceptModel model, Action<ConceptSession> call)
    {
        using ConceptSession session = model.CreateSession();
        call(session);
    }
}
