using System.Reflection;
using System.Runtime.CompilerServices;

namespace GgufConcepts.Testing.PublicApi;

/// <summary>Lists what callers of an assembly can call.</summary>
public static class PublicMembers
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The parameters of all public members that do something.</summary>
    /// <remarks>Left out: interfaces and delegates, which have no code; exceptions, which carry a text; and what the compiler
    /// wrote, the constructors and init accessors of records among it: a record holds what it is given, and those that take
    /// one check it.</remarks>
    public static IEnumerable<PublicParameter> ParametersOf(Assembly assembly) =>
        from type in assembly.GetExportedTypes()
        where !type.IsInterface && !type.IsEnum && !type.IsAssignableTo(typeof(Delegate)) && !type.IsAssignableTo(typeof(Exception))
        from method in type.GetConstructors(Declared).Cast<MethodBase>().Concat(type.GetMethods(Declared))
        where !IsOfARecord(type, method) && !method.Name.StartsWith("op_", StringComparison.Ordinal)
            && method.Name is not ("Equals" or "GetHashCode" or "ToString" or "Deconstruct")
        from parameter in method.GetParameters()
        select new PublicParameter(method, parameter);

    private static bool IsOfARecord(Type type, MethodBase method)
    {
        bool isRecord = type.GetMethod("<Clone>$") is not null
            || type.GetMethods(BindingFlags.NonPublic | BindingFlags.Instance).Any(each => each.Name == "PrintMembers");
        bool holds = method is ConstructorInfo constructor
            && constructor.GetParameters().All(parameter => type.GetProperty(parameter.Name!) is not null);
        bool isInit = method is MethodInfo { ReturnParameter: var returned }
            && returned.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return (isRecord && holds) || isInit;
    }
}
