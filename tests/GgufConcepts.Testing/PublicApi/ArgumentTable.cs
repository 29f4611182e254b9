using System.Reflection;

namespace GgufConcepts.Testing.PublicApi;

/// <summary>The mistakes that callers of a library can make: a row or a reason for each parameter that can be wrong.</summary>
/// <typeparam name="TWith">What the calls need at hand.</typeparam>
/// <param name="library">The library.</param>
/// <param name="rows">The rows and the reasons.</param>
/// <remarks>Nulls are <see cref="NullArguments"/>, but for those that reflection cannot pass.</remarks>
public sealed class ArgumentTable<TWith>(Assembly library, IReadOnlyList<WrongArgument<TWith>> rows)
{
    /// <summary>The names of the rows.</summary>
    public IEnumerable<string> Names => rows.Where(row => row.Call is not null).Select(row => row.Name);

    /// <summary>Makes the mistake of a row: see <see cref="WrongArgument{TWith}.Check"/>.</summary>
    public void Check(string name, TWith with) => rows.Single(row => row.Name == name).Check(with);

    /// <summary>The parameters that want a row or a reason and have none; the reasons for what is no such parameter.</summary>
    public IEnumerable<string> FindGaps()
    {
        PublicParameter[] all = [.. PublicMembers.ParametersOf(library)];
        string[] wanted = [.. all.Where(each => each.CanBeOutOfRange).Select(each => each.Key)];
        string[] nulls = [.. all.Where(each => each is { RefusesNull: true, CanBeInvoked: false }).Select(each => each.Key)];
        return
        [
            .. wanted.Except(Keys(_ => true)).Select(key => $"{key} wants a row, or a reason for none."),
            .. nulls.Except(Keys(row => row.Case == "null")).Select(key => $"{key} wants a row for null."),
            .. Keys(row => row.Call is null).Except(wanted).Select(key => $"{key} wants no reason."),
        ];
    }

    private IEnumerable<string> Keys(Func<WrongArgument<TWith>, bool> which) => rows.Where(which).Select(row => row.Key);
}
