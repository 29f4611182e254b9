using System.Reflection;
using System.Runtime.CompilerServices;

namespace GgufConcepts.Testing.PublicApi;

/// <summary>One parameter of something that a caller of a library can call.</summary>
/// <param name="Method">A method, a constructor, or the set accessor of a property.</param>
/// <param name="Parameter">The parameter.</param>
public sealed record PublicParameter(MethodBase Method, ParameterInfo Parameter)
{
    /// <summary>What it is called here: <c>Tokenizer.Text(id)</c>. Overloads share a name.</summary>
    public string Key => $"{Method.DeclaringType!.Name}.{Method.Name.TrimStart('.')}({Parameter.Name})";

    /// <summary>Whether it is a reference that is not said to be nullable.</summary>
    public bool RefusesNull => !Type.IsValueType && !Type.IsByRef && !Type.IsGenericParameter
        && new NullabilityInfoContext().Create(Parameter).WriteState == NullabilityState.NotNull;

    /// <summary>Whether it is a number, a time, a span or an enumeration, of which some values mean nothing.</summary>
    public bool CanBeOutOfRange
    {
        get
        {
            Type type = Nullable.GetUnderlyingType(Type) ?? Type;
            return type.IsEnum || type.IsByRefLike || type == typeof(TimeSpan) || (type.IsPrimitive && type != typeof(bool))
                || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>));
        }
    }

    /// <summary>Whether reflection can call the method and see what comes of it: no span, no type parameter, and no property
    /// that holds what it is given, which those that take the whole check.</summary>
    public bool CanBeInvoked => !Method.ContainsGenericParameters && !Method.IsDefined(typeof(CompilerGeneratedAttribute))
        && Method is not MethodInfo { ReturnType.IsByRefLike: true }
        && Method.GetParameters().All(parameter => !parameter.ParameterType.IsByRefLike && !parameter.ParameterType.IsByRef);

    private Type Type => Parameter.ParameterType;

    public override string ToString() => $"{Key} of {Method}";
}
