using GgufConcepts.Hosting.Chat;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace GgufConcepts.Hosting.Http;

/// <summary>The models that requests can name.</summary>
internal sealed class ModelDirectory(IEnumerable<IConceptService> services, IOptionsMonitor<HostedModelSettings> settings)
{
    private readonly Dictionary<ModelName, IConceptService> _services =
        services.ToDictionary(service => ModelName.TryParse(service.Name)!.Value); // or it would not have been added

    /// <summary>When this program began: models have no date of their own.</summary>
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow;

    /// <summary>Every model, by name.</summary>
    public IEnumerable<IConceptService> All => _services.Values.OrderBy(service => service.Name, StringComparer.Ordinal);

    /// <summary>Finds the model that a request names, or the only one where it names none.</summary>
    /// <exception cref="HttpProblemException">There is none of that name, or more than one and none is named.</exception>
    public IConceptService Find(JsonFields fields) => fields.Text("model") switch
    {
        null when _services.Count == 1 => _services.Values.First(),
        null => throw HttpProblem.Invalid("model", $"model is missing; name one of {Names}."),
        string name => Find(name),
    };

    /// <summary>Finds a model.</summary>
    /// <exception cref="HttpProblemException">There is none of that name.</exception>
    public IConceptService Find(string name) =>
        ModelName.TryParse(name) is { } parsed && _services.TryGetValue(parsed, out IConceptService? service)
        ? service
        : throw new HttpProblemException(new HttpProblem(
            StatusCodes.Status404NotFound, "invalid_request_error", $"There is no such model here; there is {Names}.")
        {
            Field = "model", Code = "model_not_found",
        });

    /// <summary>The settings of a model.</summary>
    public HostedModelSettings SettingsOf(IConceptService service) => settings.Get(service.Name);

    /// <summary>Options for a model, in the chat template that is set for it where they name none.</summary>
    public ThinkOptions InTemplate(IConceptService service, ThinkOptions options) => options.Chat is { Template: null } chat
        ? options with
        {
            Chat = SettingsOf(service).ChatTemplate switch
            {
                ChatPrompt.NoTemplate => null,
                string template => chat with { Template = template },
                null => chat,
            },
        }
        : options;

    private string Names => _services.Count == 0 ? "none" : string.Join(", ", All.Select(service => service.Name));
}
