using System.Text.Json;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.Concepts;

/// <summary><c>GET /v1/concepts/strategies</c>: the rules with their settings, and the presets.</summary>
internal static class StrategiesEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapAnswering("GET", "/v1/concepts/strategies", context => JsonBody.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("strategies");
            foreach (StrategyDefinition rule in StrategyCatalog.Standard.Definitions)
            {
                Write(json, rule);
            }

            json.WriteEndArray();
            json.WriteStartArray("presets");
            foreach (Preset preset in PresetCatalog.All)
            {
                json.WriteStartObject();
                json.WriteString("name", preset.Name);
                json.WriteString("summary", preset.Summary);
                json.WriteString("source", preset.Source);
                json.WriteString("strategy", preset.Strategy.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));

    private static void Write(Utf8JsonWriter json, StrategyDefinition rule)
    {
        json.WriteStartObject();
        json.WriteString("name", rule.Name);
        json.WriteString("summary", rule.Summary);
        json.WriteString("source", rule.Source);
        json.WriteBoolean("feedsVectors", StrategyCatalog.Standard.Make(rule.Name).FeedsVectors);
        json.WriteStartArray("settings");
        foreach (StrategySetting setting in StrategyCatalog.Standard.SettingsOf(rule.Name))
        {
            json.WriteStartObject();
            json.WriteString("name", setting.Name);
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(setting.Kind.ToString()));
            json.WriteString("default", setting.Standard);
            json.WriteString("meaning", setting.Meaning);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
