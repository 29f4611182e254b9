using System.Runtime.CompilerServices;
using GgufConcepts.Models;
using GgufConcepts.Testing.PublicApi;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Nats.NatsLink>;

namespace GgufConcepts.Nats.Tests;

/// <summary>What a caller can get wrong: each is an exception that names the parameter before the server hears of
/// it.</summary>
public sealed class NatsArgumentTests
{
    private static readonly string[] s_noRuns = ["", "a.b", "a b", "a\tb", "a\nb", ">"];

    private static readonly ArgumentTable<NatsLink> s_table = new(typeof(NatsLink).Assembly,
    [
        .. Row.Each("NatsNames.JobSubject(model)", ["", new string('a', 241)], (_, model) => NatsNames.JobSubject(model)),
        .. Row.Each("NatsNames.JobSubject(run)", s_noRuns, (_, run) => NatsNames.JobSubject("atlas", run)),
        .. Row.Each("NatsNames.JobSubject(index)", [-1], (_, index) => NatsNames.JobSubject("atlas", "*", index)),
        .. Row.Each("NatsNames.ResultSubject(run)", s_noRuns, (_, run) => NatsNames.ResultSubject(run)),
        .. Row.Each("NatsNames.ResultSubject(index)", [-1], (_, index) => NatsNames.ResultSubject("*", index)),
        .. Row.Each("NatsNames.DeadSubject(model)", [""], (_, model) => NatsNames.DeadSubject(model, "*", 0)),
        .. Row.Each("NatsNames.DeadSubject(run)", s_noRuns, (_, run) => NatsNames.DeadSubject("atlas", run, 0)),
        .. Row.Each("NatsNames.DeadSubject(index)", [-1], (_, index) => NatsNames.DeadSubject("atlas", "*", index)),
        .. Row.Each("NatsNames.StepsSubject(run)", s_noRuns, (_, run) => NatsNames.StepsSubject(run)),
        .. Row.Each("NatsNames.StepsSubject(index)", [-1], (_, index) => NatsNames.StepsSubject("*", index)),
        .. Row.Each("NatsNames.CancelSubject(run)", s_noRuns, (_, run) => NatsNames.CancelSubject(run)),
        .. Row.Each("NatsNames.Consumer(model)", ["", new string('é', 41)], (_, model) => NatsNames.Consumer(model)),

        .. Row.Each("NatsRun.ctor(id)", ["", "*", ">", "0123456789ABCDEF", "0123456789abcde"], (_, id) => Run(id, "atlas")),
        .. Row.Each("NatsRun.ctor(model)", ["", new string('a', 241)], (_, model) => Run("0123456789abcdef", model)),
        .. Row.Each("NatsRun.PathOf(outputPath)", ["", "a\0b"], (_, path) => NatsRun.PathOf(path)),
        .. Row.Each("NatsRun.Find(outputPath)", ["", "a\0b"], (_, path) => NatsRun.Find(path)),
        .. Row.Each("NatsRun.Keep(outputPath)", ["", "a\0b"], (_, path) => Machines.NewRun().Keep(path)),
        .. Row.Each("NatsRun.Forget(outputPath)", ["", "a\0b"], (_, path) => NatsRun.Forget(path)),

        .. Row.Each("NatsServerOptions.Url", [null!, "", "http://host"], (_, url) =>
            Connect(new NatsServerOptions(url)), "is no address"),
        .. Row.Each("NatsServerOptions.CredentialsFile", ["", "a\0b"], (_, path) =>
            Connect(new NatsServerOptions("host") { CredentialsFile = path }), "credentials"),
        .. Row.Each("NatsServerOptions.CaFile", ["", "a\0b"], (_, path) =>
            Connect(new NatsServerOptions("host") { CaFile = path }), "certificates"),
        .. Row.Each("NatsWorkerOptions.Model", [null!, "", new string('a', 241)], (link, model) =>
            Work(link, new NatsWorkerOptions(model)), "The model"),
        .. Row.Each("NatsWorkerOptions.Parallel", [0, -1, 1000], (link, parallel) =>
            Work(link, new NatsWorkerOptions("atlas") { Parallel = parallel }), "Thoughts at once"),
        .. Row.Each("NatsWorkerOptions.AckWait", [TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimeSpan.MaxValue], (link, wait) =>
            Work(link, new NatsWorkerOptions("atlas") { AckWait = wait }), "sign of life"),
        .. Row.Each("NatsWorkerOptions.MaxTries", [0, -1, 101], (link, tries) =>
            Work(link, new NatsWorkerOptions("atlas") { MaxTries = tries }), "Tries"),
    ]);

    private static readonly NullArguments s_nulls = new(typeof(NatsLink).Assembly, _ => null);

    public static TheoryData<string> Names => [.. s_table.Names];

    public static TheoryData<string> NullKeys => [.. s_nulls.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name) => s_table.Check(name, Empty<NatsLink>());

    [Theory, MemberData(nameof(NullKeys))]
    public void Call_Null_NamesTheParameter(string key) => s_nulls.Check(key);

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason() => Assert.Empty(s_table.FindGaps());

    private static NatsRun Run(string id, string model) => new(id, model, "of the prompts", isResumed: false);

    private static void Connect(NatsServerOptions options) =>
        NatsLink.ConnectAsync(options, "test", new Progress<string>(), CancellationToken.None).GetAwaiter().GetResult();

    private static void Work(NatsLink link, NatsWorkerOptions options) =>
        new NatsWorker(link, Empty<ConceptModel>(), options).Dispose();

    /// <summary>What is looked into only once all arguments are right.</summary>
    private static T Empty<T>() => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
}
