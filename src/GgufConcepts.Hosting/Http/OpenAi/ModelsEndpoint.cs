using System.Text.Json;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary><c>GET /v1/models</c>: what there is to ask.</summary>
internal static class ModelsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models)
    {
        endpoints.MapAnswering("GET", "/v1/models", context => JsonBody.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (IConceptService service in models.All)
            {
                Write(json, service, models);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
        endpoints.MapAnswering("GET", "/v1/models/{**id}", context =>
        {
            string id = (string?)context.Request.RouteValues["id"] ?? "";
            IConceptService service = models.Find(id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)); // all that the server leaves as it came
            return JsonBody.WriteAsync(context, json => Write(json, service, models));
        });
    }

    private static void Write(Utf8JsonWriter json, IConceptService service, ModelDirectory models)
    {
        json.WriteStartObject();
        json.WriteString("id", service.Name);
        json.WriteString("object", "model");
        json.WriteNumber("created", models.Since.ToUnixTimeSeconds());
        json.WriteString("owned_by", "ggufconcepts");
        json.WriteStartObject("concept");
        json.WriteString("state", HealthEndpoints.NameOf(service.State));
        json.WriteNumber("loaded", Math.Round(service.LoadedFraction, 3));
        if (service.Info is { } info)
        {
            json.WriteString("name", info.Name);
            json.WriteString("architecture", info.Architecture);
            json.WriteNumber("layers", info.LayerCount);
            json.WriteNumber("embeddingLength", info.EmbeddingLength);
            json.WriteNumber("vocabularySize", info.VocabularySize);
            json.WriteNumber("contextLength", info.ContextLength);
        }

        WriteAbilities(json, service, models.SettingsOf(service).ChatTemplate);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>What can be told only while the model is loaded.</summary>
    private static void WriteAbilities(Utf8JsonWriter json, IConceptService service, string? template)
    {
        if (service.Abilities is { } abilities)
        {
            json.WriteBoolean("vectors", abilities.Vectors);
            json.WriteBoolean("chat", template is not null || abilities.Chat);
        }
    }
}
