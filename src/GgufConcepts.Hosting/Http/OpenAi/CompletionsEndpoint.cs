using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary><c>POST /v1/completions</c>: texts to continue.</summary>
internal sealed class CompletionsEndpoint : Generation
{
    private const int UsualTokens = 16; // as OpenAI has it

    /// <inheritdoc/>
    protected override string Prefix => "cmpl-";

    /// <inheritdoc/>
    protected override string Kind => "text_completion";

    /// <inheritdoc/>
    protected override string PieceKind => Kind;

    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models) =>
        endpoints.MapAnswering("POST", "/v1/completions", context => AnswerAsync(context, models));

    /// <inheritdoc/>
    protected override void Write(Utf8JsonWriter json, Choice choice) =>
        WriteChoice(json, choice, choice.Text, choice.Logprobs, offset: 0);

    /// <inheritdoc/>
    protected override IEnumerable<Action<Utf8JsonWriter>> Pieces(
        Choice choice, ThoughtEvent happened, string thought, string text, TokenLogprobs? logprobs)
    {
        if (text.Length > 0 || logprobs is not null || choice.FinishReason is not null)
        {
            int offset = choice.TextLength - text.Length;
            yield return json => WriteChoice(json, choice, text, logprobs is null ? [] : [logprobs], offset);
        }
    }

    private static async Task AnswerAsync(HttpContext context, ModelDirectory models)
    {
        JsonFields fields = new(await JsonBody.ReadObjectAsync(context).ConfigureAwait(false));
        IConceptService service = models.Find(fields);
        IReadOnlyList<string> prompts = ReadPrompts(fields);
        GenerationRequest request = GenerationRequest.Read(fields, UsualTokens);
        request = request with
        {
            Think = GenerationRequest.Checked(models.InTemplate(service, request.Think) with { AnswerLogprobs = CappedFields.Within(fields, "logprobs", 0, RequestCaps.Logprobs) }),
        };
        fields.RefuseOthers();
        await new CompletionsEndpoint().AnswerAsync(context, service, models.SettingsOf(service), request, request.Thoughts(prompts)).ConfigureAwait(false);
    }

    private static IReadOnlyList<string> ReadPrompts(JsonFields fields)
    {
        if (fields.Node("prompt") is JsonArray list && list.Any(item => item is JsonArray || item?.GetValueKind() == JsonValueKind.Number))
        {
            throw HttpProblem.Invalid("prompt", "prompt is a list of token ids; give the text itself.");
        }

        IReadOnlyList<string> prompts = fields.Texts("prompt") ?? throw fields.Missing("prompt", "the text to continue");
        CappedFields.CheckLength("prompt", prompts.Sum(prompt => (long)prompt.Length));
        return prompts.Count is > 0 and <= RequestCaps.Prompts
            ? prompts
            : throw HttpProblem.Invalid("prompt", $"prompt holds {prompts.Count} texts; give 1 to {RequestCaps.Prompts}.");
    }

    private static void WriteChoice(
        Utf8JsonWriter json, Choice choice, string text, List<TokenLogprobs> logprobs, int offset)
    {
        json.WriteStartObject();
        json.WriteNumber("index", choice.Index);
        json.WriteString("text", text);
        if (logprobs.Count == 0)
        {
            json.WriteNull("logprobs");
        }
        else
        {
            WriteLogprobs(json, logprobs, offset);
        }

        json.WriteString("finish_reason", choice.FinishReason);
        if (choice is { FinishReason: not null, Steps: > 0 })
        {
            json.WriteString("reasoning_content", choice.Thought);
        }

        json.WriteEndObject();
    }

    private static void WriteLogprobs(Utf8JsonWriter json, List<TokenLogprobs> logprobs, int offset)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (TokenLogprobs token in logprobs)
        {
            json.WriteStringValue(token.Chosen.Text);
        }

        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (TokenLogprobs token in logprobs)
        {
            json.WriteNumberValue(token.Chosen.Logprob);
        }

        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (TokenLogprobs token in logprobs)
        {
            json.WriteStartObject();
            foreach (IGrouping<string, TokenLogprob> same in token.Top.GroupBy(other => other.Text)) // parts of characters look alike
            {
                json.WriteNumber(same.Key, same.Max(other => other.Logprob));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        foreach (TokenLogprobs token in logprobs)
        {
            json.WriteNumberValue(offset);
            offset += token.Chosen.Text.Length;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
