using GgufConcepts.Evaluation;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Testing.PublicApi;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Null where the signature says that it may not be: an exception that names the parameter.</summary>
public sealed class NullArgumentTests(LoadedModels models)
{
    public static TheoryData<string> Keys => [.. Arguments(() => null!).Keys];

    [Theory, MemberData(nameof(Keys))]
    public void Call_Null_NamesTheParameter(string key) =>
        Arguments(() => models.Tiny(TinyArchitecture.Qwen2)).Check(key);

    private static NullArguments Arguments(Func<ConceptModel> model) => new(typeof(ConceptModel).Assembly, type =>
        type == typeof(ConceptModel) ? model()
        : type == typeof(Tokenizer) ? model().Tokenizer
        : type == typeof(EvalTask) ? EvalCatalog.Tasks[0]
        : type == typeof(Func<string, string>) ? (Func<string, string?>)(_ => null)
        : null);
}
