using System.Text.Json;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>The parts that OpenAI's responses share.</summary>
/// <param name="prefix">What its identifier begins with.</param>
/// <param name="model">The model's name.</param>
internal sealed class ResponseWriter(string prefix, string model)
{
    private readonly string _id = prefix + Guid.NewGuid().ToString("N");
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>Writes a whole response or a chunk of one.</summary>
    public void Write(Utf8JsonWriter json, string kind, Action<Utf8JsonWriter> writeChoices, IReadOnlyList<Choice>? usage)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", _created);
        json.WriteString("model", model);
        json.WriteNull("system_fingerprint");
        json.WriteStartArray("choices");
        writeChoices(json);
        json.WriteEndArray();
        if (usage is not null)
        {
            WriteUsage(json, usage);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a token with its log-probability.</summary>
    public static void WriteToken(Utf8JsonWriter json, TokenLogprob token, IReadOnlyList<TokenLogprob>? top = null)
    {
        json.WriteStartObject();
        json.WriteString("token", token.Text);
        json.WriteNumber("logprob", token.Logprob);
        json.WriteStartArray("bytes");
        foreach (byte each in token.Bytes)
        {
            json.WriteNumberValue(each);
        }

        json.WriteEndArray();
        if (top is not null)
        {
            json.WriteStartArray("top_logprobs");
            foreach (TokenLogprob other in top)
            {
                WriteToken(json, other);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Steps count among the tokens put out, as those of a reasoning model do. A prompt counts once, however many
    /// its answers.</summary>
    private static void WriteUsage(Utf8JsonWriter json, IReadOnlyList<Choice> choices)
    {
        int prompt = choices.Where(choice => choice.CountsPrompt).Sum(choice => choice.PromptTokens);
        int steps = choices.Sum(choice => choice.Steps);
        int completion = steps + choices.Sum(choice => choice.AnswerTokens);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", prompt);
        json.WriteNumber("completion_tokens", completion);
        json.WriteNumber("total_tokens", prompt + completion);
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", steps);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
