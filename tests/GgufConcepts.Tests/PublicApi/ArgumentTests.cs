using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>What a caller can get wrong: each is an exception that names the parameter, in this process.</summary>
/// <remarks>Numbers, spans and enumerations; nulls are in <see cref="NullArgumentTests"/>, and what decoders refuse in
/// <c>DecoderContract</c>, for every backend.</remarks>
public sealed partial class ArgumentTests(LoadedModels models)
{
    /// <summary>Parameters with a row for null, where reflection cannot pass one.</summary>
    internal static IEnumerable<string> NullKeys => s_rows.Where(row => row.Case == "null").Select(row => row.Key);

    public static TheoryData<string> Names => [.. s_rows.Select(row => row.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name)
    {
        Row row = s_rows.Single(each => each.Name == name);
        Exception? thrown = Record.Exception(() => row.Call(models.Tiny(TinyArchitecture.Qwen2)));
        string parameter = row.Key[(row.Key.IndexOf('(', StringComparison.Ordinal) + 1)..^1];
        Assert.True(
            row.Says is null
                ? thrown is ArgumentException wrong && wrong.ParamName == parameter
                : thrown is ConceptInputException refused && refused.Message.Contains(row.Says, StringComparison.Ordinal),
            thrown?.ToString() ?? "Nothing was thrown.");
    }

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason()
    {
        string[] known = [.. s_rows.Select(row => row.Key), .. s_exempt.Keys];
        string[] all =
        [
            .. PublicMembers.ParametersOf(typeof(ConceptModel).Assembly).Where(CanBeOutOfRange).Select(each => each.Key).Distinct(),
        ];
        Assert.Empty(all.Except(known));
        Assert.Empty(s_exempt.Keys.Except(all));
    }

    private static bool CanBeOutOfRange(PublicParameter each)
    {
        Type type = Nullable.GetUnderlyingType(each.Parameter.ParameterType) ?? each.Parameter.ParameterType;
        return type.IsEnum || type.IsByRefLike || (type.IsPrimitive && type != typeof(bool))
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>));
    }

    /// <summary>One mistake.</summary>
    /// <param name="Key">The parameter that is wrong: <c>Tokenizer.Text(id)</c>.</param>
    /// <param name="Case">What is wrong with it.</param>
    /// <param name="Call">Makes it, with a small model at hand.</param>
    /// <param name="Says">What the message of a <see cref="ConceptInputException"/> names it by; null where it is an
    /// <see cref="ArgumentException"/>.</param>
    private sealed record Row(string Key, string Case, Action<ConceptModel> Call, string? Says = null)
    {
        public string Name => $"{Key}: {Case}";
    }
}
