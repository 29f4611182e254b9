using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Testing.PublicApi;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Hosting.IConceptService>;

namespace GgufConcepts.Hosting.Tests;

/// <summary>What a caller can get wrong: each is an exception that names the parameter.</summary>
public sealed class HostingArgumentTests(HostingArgumentTests.AtlasHost host) : IClassFixture<HostingArgumentTests.AtlasHost>
{
    private static readonly TimeSpan[] s_noTimes =
        [TimeSpan.MinValue, TimeSpan.FromTicks(-1), TimeSpan.FromDays(2), TimeSpan.MaxValue];

    private static readonly ArgumentTable<IConceptService> s_table = new(typeof(IConceptService).Assembly,
    [
        .. Row.Each("GgufConceptsBuilder.AddModel(name)", ["", " ", "a/../b"], (_, name) => Builder.AddModel(name, _ => { })),
        new("GgufConceptsBuilder.AddModel(name)", "taken", _ => Builder.AddModel("one", _ => { }).AddModel("one", _ => { })),

        new("IConceptService.ThinkAsync(prompt)", "null", service => Wait(Hosts.CollectAsync(service, null!, Hosts.Brief))),
        new("IConceptService.ReadAsync(vectors)", "null", service => Wait(service.ReadAsync(null!))),
        new("IConceptService.ReadAsync(vectors)", "none", service => Wait(service.ReadAsync([]))),
        new("IConceptService.ReadAsync(vectors)", "of another width", service => Wait(service.ReadAsync(new float[127]))),
        .. Row.Each("IConceptService.ReadAsync(vectors)", [float.NaN, float.NegativeInfinity], (service, number) =>
            Wait(service.ReadAsync([.. new float[127], number]))),
        new("IConceptService.ReadAsync(options)", "out of range", service =>
            Wait(service.ReadAsync(new float[128], new ReadOptions { MaxTokens = -1 })), "The reading's token limit is -1"),
        new("IConceptService.FindNearestAsync(steps)", "null", service => Wait(service.FindNearestAsync(null!, 1))),
        .. Row.Each("IConceptService.FindNearestAsync(count)", [0, -1], (service, count) =>
            Wait(service.FindNearestAsync([], count))),

        .. Setting("Model", [null!, ""], (HostedModelSettings model, string value) => model.Model = value),
        .. Setting("Parallel", [0, -1, 1000], (HostedModelSettings model, int value) => model.Parallel = value),
        .. Setting("QueueLength", [0, -1, 65_537], (HostedModelSettings model, int value) => model.QueueLength = value),
        .. Setting("ContextLength", [15, -1, int.MaxValue], (HostedModelSettings model, int value) =>
            model.ContextLength = value),
        .. Setting("Rows", [15, -1, int.MaxValue], (HostedModelSettings model, int value) => model.Rows = value),
        .. Setting("GpuLayers", [-1], (HostedModelSettings model, int value) => model.GpuLayers = value),
        .. Setting("Threads", [0, -1, 513], (HostedModelSettings model, int value) => model.Threads = value),
        .. Setting("Loading", [-1, 99], (HostedModelSettings model, int value) => model.Loading = (ModelLoading)value),
        .. Setting("Isolation", [-1, 99], (HostedModelSettings model, int value) => model.Isolation = (ModelIsolation)value),
        .. Setting("MemoryLimit", [0, -1, 1 << 20], (HostedModelSettings model, int value) => model.MemoryLimit = value),
        .. Setting("UnloadAfter", s_noTimes, (HostedModelSettings model, TimeSpan value) => model.UnloadAfter = value),
        .. Setting("LoadLimit", s_noTimes, (HostedModelSettings model, TimeSpan value) => model.LoadLimit = value),
        .. Setting("StallLimit", s_noTimes, (HostedModelSettings model, TimeSpan value) => model.StallLimit = value),
        .. Setting("Deadline", s_noTimes, (HostedModelSettings model, TimeSpan value) => model.Deadline = value),
        .. Setting("DrainLimit", s_noTimes, (HostedConceptSettings settings, TimeSpan value) => settings.DrainLimit = value),
        .. Setting("SlowClientLimit", s_noTimes, (HostedConceptSettings settings, TimeSpan value) =>
            settings.SlowClientLimit = value),
    ]);

    private static readonly NullArguments s_nulls = new(typeof(IConceptService).Assembly, type =>
        type == typeof(IServiceCollection) ? new ServiceCollection()
        : type == typeof(IConfiguration) ? new ConfigurationBuilder().Build()
        : type == typeof(Action<HostedModelSettings>) ? (Action<HostedModelSettings>)(_ => { })
        : null);

    public static TheoryData<string> Names => [.. s_table.Names];

    public static TheoryData<string> NullKeys => [.. s_nulls.Keys];

    private static GgufConceptsBuilder Builder => new ServiceCollection().AddGgufConcepts();

    [Theory, MemberData(nameof(Names))]
    public void Call_WrongArgument_NamesTheParameter(string name) => s_table.Check(name, host.Service);

    [Theory, MemberData(nameof(NullKeys))]
    public void Call_Null_NamesTheParameter(string key) => s_nulls.Check(key);

    /// <summary>A new parameter that can be out of range needs a row, or a reason for none.</summary>
    [Fact]
    public void Parameters_NumbersSpansAndEnumerations_HaveARowOrAReason() => Assert.Empty(s_table.FindGaps());

    private static IEnumerable<Row> Setting<TSettings, T>(string property, T[] values, Action<TSettings, T> set)
        where TSettings : class => Row.Each(
            $"{typeof(TSettings).Name}.set_{property}(value)",
            values,
            (_, value) => Read<TSettings>(settings => set(settings, value)),
            $"{typeof(TSettings).Name}.{property}");

    /// <summary>Reads settings, as a host does when it starts.</summary>
    private static void Read<TSettings>(Action<TSettings> set)
        where TSettings : class
    {
        ServiceCollection services = new();
        services.AddGgufConcepts();
        services.Configure(set);
        using ServiceProvider provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<TSettings>>().Value;
        }
        catch (OptionsValidationException refused)
        {
            throw new ConceptInputException(refused.Message, refused);
        }
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    /// <summary>A host of one model.</summary>
    public sealed class AtlasHost : IAsyncLifetime
    {
        private IHost? _host;

        public IConceptService Service => _host!.Services.GetRequiredService<IConceptService>();

        public async ValueTask InitializeAsync() => _host = await Hosts.StartAsync(
            builder => builder.AddModel("atlas", model => model.Model = CommittedModels.Path("atlas.gguf")));

        public ValueTask DisposeAsync()
        {
            _host!.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
