using GgufConcepts.Hosting.Chat;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GgufConcepts.Hosting.Tests;

/// <summary>Every argument that a caller of the public API can get wrong is an exception with its name.</summary>
public sealed class HostingArgumentTests
{
    private static readonly Dictionary<string, (string Parameter, Func<IConceptService, Task> Call)> s_calls = new()
    {
        ["AddGgufConcepts, no services"] = ("services", _ => Now(() => ((IServiceCollection)null!).AddGgufConcepts())),
        ["AddGgufConcepts, no section"] = ("section", _ => Now(() => new ServiceCollection().AddGgufConcepts(null!))),
        ["AddModel, no name"] = ("name", _ => Now(() => Builder.AddModel(null!, _ => { }))),
        ["AddModel, empty name"] = ("name", _ => Now(() => Builder.AddModel(" ", _ => { }))),
        ["AddModel, name taken"] = ("name", _ => Now(() => Builder.AddModel("one", _ => { }).AddModel("one", _ => { }))),
        ["AddModel, nothing that sets it up"] = ("configure", _ => Now(() => Builder.AddModel("one", (Action<HostedModelSettings>)null!))),
        ["AddModel, no section"] = ("section", _ => Now(() => Builder.AddModel("one", (IConfiguration)null!))),
        ["MapGgufConcepts, no endpoints"] = ("endpoints", _ => Now(() => ((IEndpointRouteBuilder)null!).MapGgufConcepts())),
        ["UseGgufConceptsLimits, no server"] = ("server", _ => Now(() => ((KestrelServerOptions)null!).UseGgufConceptsLimits())),
        ["ConceptChatClient, no service"] = ("service", _ => Now(() => new ConceptChatClient((IConceptService)null!))),
        ["ConceptChatClient, no model"] = ("model", _ => Now(() => new ConceptChatClient((Models.ConceptModel)null!))),
        ["GetResponseAsync, no messages"] = ("messages", service => new ConceptChatClient(service).GetResponseAsync((IEnumerable<ChatMessage>)null!)),
        ["GetStreamingResponseAsync, no messages"] =
            ("messages", service => Now(() => new ConceptChatClient(service).GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!))),
        ["GetService, no type"] = ("serviceType", service => Now(() => new ConceptChatClient(service).GetService(null!))),
        ["WithConcepts, no options"] = ("options", _ => Now(() => ((ChatOptions)null!).WithConcepts(new ThinkOptions()))),
        ["WithConcepts, no thought"] = ("think", _ => Now(() => new ChatOptions().WithConcepts((ThinkOptions)null!))),
        ["WithConcepts, nothing that sets it up"] =
            ("configure", _ => Now(() => new ChatOptions().WithConcepts((Func<ThinkOptions, ThinkOptions>)null!))),
        ["ThinkAsync, no prompt"] = ("prompt", service => Hosts.CollectAsync(service, null!, Hosts.Brief)),
        ["ReadAsync, nothing"] = ("vectors", service => service.ReadAsync(null!)),
        ["ReadAsync, no vectors"] = ("vectors", service => service.ReadAsync([])),
        ["ReadAsync, of another width"] = ("vectors", service => service.ReadAsync(new float[127])),
        ["ReadAsync, NaN"] = ("vectors", service => service.ReadAsync([.. new float[127], float.NaN])),
        ["ReadAsync, infinity"] = ("vectors", service => service.ReadAsync([float.NegativeInfinity, .. new float[127]])),
        ["FindNearestAsync, nothing"] = ("steps", service => service.FindNearestAsync(null!, 1)),
        ["FindNearestAsync, none a step"] = ("count", service => service.FindNearestAsync([], 0)),
    };

    public static TheoryData<string> Calls { get; } = [.. s_calls.Keys];

    private static GgufConceptsBuilder Builder => new ServiceCollection().AddGgufConcepts();

    [Theory, MemberData(nameof(Calls))]
    public async Task Call_WrongArgument_NamesTheParameter(string name)
    {
        (string parameter, Func<IConceptService, Task> call) = s_calls[name];
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("atlas", model => model.Model = CommittedModels.Path("atlas.gguf")));
        ArgumentException refusal = await Assert.ThrowsAnyAsync<ArgumentException>(
            () => call(host.Services.GetRequiredService<IConceptService>()));
        Assert.Equal(parameter, refusal.ParamName);
    }

    [Fact]
    public async Task ReadAsync_OptionOutOfRange_IsNamed()
    {
        using IHost host = await Hosts.StartAsync(builder => builder.AddModel("atlas", model => model.Model = CommittedModels.Path("atlas.gguf")));
        ConceptInputException refusal = await Assert.ThrowsAsync<ConceptInputException>(() => host.Services
            .GetRequiredService<IConceptService>()
            .ReadAsync(new float[128], new ReadOptions { MaxTokens = -1 }, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("The reading's token limit is -1", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<object?> Now(Func<object?> call) => Task.FromResult(call());
}
