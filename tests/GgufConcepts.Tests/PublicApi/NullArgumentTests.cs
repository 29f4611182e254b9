using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using GgufConcepts.Evaluation;
using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Null where the signature says that it may not be: an exception that names the parameter.</summary>
/// <remarks>The list is made by reflection, so that what is added is asked too.</remarks>
public sealed class NullArgumentTests(LoadedModels models)
{
    private static readonly Assembly s_library = typeof(ConceptModel).Assembly;

    public static TheoryData<string> Keys =>
        [.. Parameters().Where(each => each.CanBeInvoked).Select(each => each.Key).Distinct()];

    [Theory, MemberData(nameof(Keys))]
    public void Call_Null_NamesTheParameter(string key)
    {
        foreach (PublicParameter each in Parameters().Where(each => each.Key == key && each.CanBeInvoked))
        {
            Exception? thrown = Record.Exception(() => Call(each));
            bool named = (thrown is ArgumentException argument && argument.ParamName == each.Parameter.Name)
                || (thrown is ConceptInputException && thrown.Message.Contains(each.Parameter.Name!, StringComparison.OrdinalIgnoreCase));
            Assert.True(named, $"{each}: {thrown?.ToString() ?? "nothing was thrown"}");
        }
    }

    [Fact]
    public void Parameters_ThatReflectionCannotPass_AreInTheTableOfArguments() => Assert.Empty(
        Parameters().Where(each => !each.CanBeInvoked).Select(each => each.Key).Distinct().Except(ArgumentTests.NullKeys));

    /// <summary>Those that are references and not said to be nullable.</summary>
    private static IEnumerable<PublicParameter> Parameters()
    {
        NullabilityInfoContext context = new();
        return PublicMembers.ParametersOf(s_library).Where(each =>
            !each.Parameter.ParameterType.IsValueType && !each.Parameter.ParameterType.IsByRef
            && !each.Parameter.ParameterType.IsGenericParameter
            && context.Create(each.Parameter).WriteState == NullabilityState.NotNull);
    }

    /// <summary>Calls with null in one place and something in all others, and runs what is only done when asked for.</summary>
    private void Call(PublicParameter each)
    {
        object?[] arguments =
        [
            .. each.Method.GetParameters().Select(parameter => parameter == each.Parameter ? null : Sample(parameter.ParameterType)),
        ];
        try
        {
            object? result = each.Method is ConstructorInfo constructor
                ? constructor.Invoke(arguments)
                : each.Method.Invoke(each.Method.IsStatic ? null : Sample(each.Method.DeclaringType!), arguments);
            switch (result)
            {
                case Task task:
                    task.GetAwaiter().GetResult();
                    break;
                case IAsyncEnumerable<object> later:
                    later.GetAsyncEnumerator(TestContext.Current.CancellationToken).MoveNextAsync().AsTask().GetAwaiter().GetResult();
                    break;
                case IEnumerable items:
                    items.GetEnumerator().MoveNext();
                    break;
            }
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
        }
    }

    /// <summary>An argument that is not in question: a real one where there must be something in it, else an empty one: a
    /// null is to be seen before anything is looked into.</summary>
    private object? Sample(Type type)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2);
        return type == typeof(string) ? "text"
            : type == typeof(ConceptModel) ? model
            : type == typeof(Tokenizer) ? model.Tokenizer
            : type == typeof(EvalTask) ? EvalCatalog.Tasks[0]
            : type.IsValueType ? Activator.CreateInstance(type)
            : type.IsArray ? Array.CreateInstance(type.GetElementType()!, 0)
            : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments() is [var item]
                ? Array.CreateInstance(item, 0)
            : type == typeof(Func<string, string>) ? (Func<string, string?>)(_ => null)
            : type.IsInterface || type.IsAbstract || type.IsAssignableTo(typeof(Delegate)) ? null
            : type.GetMethod("<Clone>$") is not null && type.GetConstructor(Type.EmptyTypes) is { } make ? make.Invoke(null)
            : RuntimeHelpers.GetUninitializedObject(type);
    }
}
