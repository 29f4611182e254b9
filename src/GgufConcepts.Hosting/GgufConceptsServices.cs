using GgufConcepts.Hosting.Chat;
using GgufConcepts.Hosting.Http;
using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Hosting.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting;

/// <summary>Adds models that think in vectors to a host.</summary>
public static class GgufConceptsServices
{
    /// <summary>Adds what models need; name them with <see cref="GgufConceptsBuilder.AddModel(string, Action{HostedModelSettings})"/>.</summary>
    /// <param name="services">The host's.</param>
    /// <exception cref="InvalidOperationException">This process was started to run a model, and the program went on with
    /// its own work.</exception>
    public static GgufConceptsBuilder AddGgufConcepts(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (WorkerLaunch.IsWorker) // or it would start processes that start processes
        {
            throw new InvalidOperationException(
                $"This process was started to run a model and did not hear of it: call {nameof(ModelWorker)}." +
                $"{nameof(ModelWorker.RunIfAsked)}() first in the program.");
        }

        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<HostedConceptSettings>, HostedConceptSettingsValidator>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<HostedModelSettings>, HostedModelSettingsValidator>());
        services.AddOptions<HostedConceptSettings>().ValidateOnStart();
        services.TryAddSingleton<ModelDirectory>();
        services.TryAddSingleton<LargeBodies>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<ConceptInstruments>();
        return new GgufConceptsBuilder(services);
    }

    /// <summary>Adds the models that a section of the configuration names.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="section">The settings of <see cref="HostedConceptSettings"/>, and under <c>Models</c> those of
    /// <see cref="HostedModelSettings"/> by name.</param>
    /// <example><code>{ "GgufConcepts": { "Models": { "atlas": { "Model": "atlas", "Parallel": 16 } } } }</code></example>
    public static GgufConceptsBuilder AddGgufConcepts(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        GgufConceptsBuilder builder = services.AddGgufConcepts();
        services.AddOptions<HostedConceptSettings>().Bind(section);
        foreach (IConfigurationSection model in section.GetSection("Models").GetChildren())
        {
            builder.AddModel(model.Key, model);
        }

        return builder;
    }
}

/// <summary>Adds models, one after another.</summary>
public sealed class GgufConceptsBuilder
{
    private readonly IServiceCollection _services;

    internal GgufConceptsBuilder(IServiceCollection services) => _services = services;

    /// <summary>Adds a model.</summary>
    /// <param name="name">The name that requests use, and the key of its <see cref="IConceptService"/> and its
    /// <see cref="IChatClient"/>.</param>
    /// <param name="configure">Sets it up.</param>
    /// <exception cref="ArgumentException">The name is empty, no name, or taken.</exception>
    public GgufConceptsBuilder AddModel(string name, Action<HostedModelSettings> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Add(name).Configure(configure);
        return this;
    }

    /// <summary>Adds a model whose settings are a section of the configuration.</summary>
    /// <param name="name">The name that requests use, and the key of its <see cref="IConceptService"/> and its
    /// <see cref="IChatClient"/>.</param>
    /// <param name="section">The settings.</param>
    /// <exception cref="ArgumentException">The name is empty, no name, or taken.</exception>
    public GgufConceptsBuilder AddModel(string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        Add(name).Bind(section);
        return this;
    }

    private OptionsBuilder<HostedModelSettings> Add(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (ModelName.TryParse(name) is null)
        {
            throw new ArgumentException(
                $"A model cannot be called '{name}'; use 1 to {ModelName.Longest} characters that can be shown, without '..'.", nameof(name));
        }

        if (_services.Any(service => service.IsKeyedService && name.Equals(service.ServiceKey)
            && service.ServiceType == typeof(IConceptService)))
        {
            throw new ArgumentException($"There is a model '{name}' already.", nameof(name));
        }

        _services.AddKeyedSingleton<IConceptService>(
            name, (provider, _) => ActivatorUtilities.CreateInstance<HostedModel>(provider, name));
        _services.AddSingleton(provider => provider.GetRequiredKeyedService<IConceptService>(name));
        _services.AddSingleton<IHostedService>(
            provider => (HostedModel)provider.GetRequiredKeyedService<IConceptService>(name));
        _services.AddKeyedSingleton<IChatClient>(name, (provider, _) => new ConceptChatClient(
            provider.GetRequiredKeyedService<IConceptService>(name),
            provider.GetRequiredService<IOptionsMonitor<HostedModelSettings>>().Get(name).ChatTemplate));
        _services.TryAddSingleton(OnlyChatClient);
        return _services.AddOptions<HostedModelSettings>(name).ValidateOnStart();
    }

    /// <summary>The chat client that is asked for without a name.</summary>
    private static IChatClient OnlyChatClient(IServiceProvider provider)
    {
        string[] names = [.. provider.GetServices<IConceptService>().Select(service => service.Name)];
        return names is [var only]
            ? provider.GetRequiredKeyedService<IChatClient>(only)
            : throw new InvalidOperationException(
                $"There are {names.Length} models: {string.Join(", ", names)}; ask for the {nameof(IChatClient)} of one, by its name as the key.");
    }
}
