using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace GgufConcepts.Testing.PublicApi;

/// <summary>Null where the signatures of a library say that it may not be.</summary>
/// <param name="library">The library.</param>
/// <param name="find">An argument that is not in question, where there must be something in it; null to make an empty one: a
/// null is to be seen before anything is looked into.</param>
/// <remarks>The list is made by reflection, so that what is added is asked too.</remarks>
public sealed class NullArguments(Assembly library, Func<Type, object?> find)
{
    /// <summary>The parameters. Overloads share a name.</summary>
    public IEnumerable<string> Keys => Parameters.Select(each => each.Key).Distinct();

    private IEnumerable<PublicParameter> Parameters =>
        PublicMembers.ParametersOf(library).Where(each => each is { RefusesNull: true, CanBeInvoked: true });

    /// <summary>Passes null for a parameter, in all overloads, and throws what comes of it, unless that is an exception which
    /// names the parameter.</summary>
    public void Check(string key)
    {
        foreach (PublicParameter each in Parameters.Where(each => each.Key == key))
        {
            try
            {
                Call(each);
            }
            catch (ArgumentException wrong) when (wrong.ParamName == each.Parameter.Name)
            {
                continue;
            }
            catch (ConceptInputException refused)
                when (refused.Message.Contains(each.Parameter.Name!, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            throw new InvalidOperationException($"{each}: nothing was thrown.");
        }
    }

    /// <summary>Calls with null in one place and something in all others, and runs what is only done when asked for.</summary>
    private void Call(PublicParameter each)
    {
        object?[] arguments = Array.ConvertAll(
            each.Method.GetParameters(), parameter => parameter == each.Parameter ? null : Sample(parameter.ParameterType));
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
                    later.GetAsyncEnumerator().MoveNextAsync().AsTask().GetAwaiter().GetResult();
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

    private object? Sample(Type type) => find(type) ?? (
        type == typeof(string) ? "text"
        : type.IsValueType ? Activator.CreateInstance(type)
        : type.IsArray ? Array.CreateInstance(type.GetElementType()!, 0)
        : type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments() is [var item]
            ? Array.CreateInstance(item, 0)
        : type.IsInterface || type.IsAbstract || type.IsAssignableTo(typeof(Delegate)) ? null
        : type.GetMethod("<Clone>$") is not null && type.GetConstructor(Type.EmptyTypes) is { } make ? make.Invoke(null)
        : RuntimeHelpers.GetUninitializedObject(type));
}
