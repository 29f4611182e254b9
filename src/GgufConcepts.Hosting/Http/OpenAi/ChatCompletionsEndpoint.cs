using System.Text.Json;
using GgufConcepts.Hosting.Chat;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary><c>POST /v1/chat/completions</c>: chats. The thought's words are the message's
/// <c>reasoning_content</c>.</summary>
internal sealed class ChatCompletionsEndpoint : Generation
{
    /// <summary>Where it is.</summary>
    public const string Path = "/v1/chat/completions";

    /// <inheritdoc/>
    protected override string Prefix => "chatcmpl-";

    /// <inheritdoc/>
    protected override string Kind => "chat.completion";

    /// <inheritdoc/>
    protected override string PieceKind => "chat.completion.chunk";

    public static void Map(IEndpointRouteBuilder endpoints, ModelDirectory models) =>
        endpoints.MapAnswering("POST", Path, context => AnswerAsync(context, models));

    /// <inheritdoc/>
    protected override void Write(Utf8JsonWriter json, Choice choice) => WriteChoice(json, choice, choice.Logprobs, message =>
    {
        message.WriteStartObject("message");
        message.WriteString("role", "assistant");
        message.WriteString("content", choice.Text);
        if (choice.Steps > 0)
        {
            message.WriteString("reasoning_content", choice.Thought);
        }

        message.WriteNull("refusal");
        message.WriteEndObject();
    });

    /// <inheritdoc/>
    protected override IEnumerable<Action<Utf8JsonWriter>> Pieces(
        Choice choice, ThoughtEvent happened, string thought, string text, TokenLogprobs? logprobs)
    {
        if (happened is PromptRead)
        {
            yield return Piece(("role", "assistant"), ("content", ""));
        }

        if (thought.Length > 0)
        {
            yield return Piece(("reasoning_content", thought));
        }

        if (text.Length > 0 || logprobs is not null)
        {
            yield return Piece(("content", text));
        }

        if (choice.FinishReason is not null)
        {
            yield return Piece();
        }

        Action<Utf8JsonWriter> Piece(params (string Name, string Value)[] delta) => json =>
            WriteChoice(json, choice, logprobs is null ? [] : [logprobs], body =>
            {
                body.WriteStartObject("delta");
                foreach ((string name, string value) in delta)
                {
                    body.WriteString(name, value);
                }

                body.WriteEndObject();
            });
    }

    private static async Task AnswerAsync(HttpContext context, ModelDirectory models)
    {
        JsonFields fields = new(await JsonBody.ReadObjectAsync(context).ConfigureAwait(false));
        IConceptService service = models.Find(fields);
        IReadOnlyList<ChatTurn> turns = ChatMessages.Read(fields);
        GenerationRequest request = GenerationRequest.Read(fields, ConceptChatOptions.Standard.AnswerTokens);
        int? top = CappedFields.Within(fields, "top_logprobs", 0, RequestCaps.TopLogprobs);
        bool logprobs = fields.Flag("logprobs") == true;
        if (top is > 0 && !logprobs)
        {
            throw HttpProblem.Invalid("top_logprobs", "top_logprobs is given without logprobs; set logprobs to true.");
        }

        fields.RefuseOthers();
        ChatPrompt prompt = ChatPrompt.Of(turns, request.Think.Chat?.Template ?? models.SettingsOf(service).ChatTemplate);
        request = request with
        {
            Think = GenerationRequest.Checked(request.Think with { Chat = prompt.Chat, AnswerLogprobs = logprobs ? top ?? 0 : null }),
        };
        await new ChatCompletionsEndpoint().AnswerAsync(context, service, models.SettingsOf(service), request, request.Thoughts([prompt.Text])).ConfigureAwait(false);
    }

    private static void WriteChoice(
        Utf8JsonWriter json, Choice choice, List<TokenLogprobs> logprobs, Action<Utf8JsonWriter> writeMessage)
    {
        json.WriteStartObject();
        json.WriteNumber("index", choice.Index);
        writeMessage(json);
        if (logprobs.Count == 0)
        {
            json.WriteNull("logprobs");
        }
        else
        {
            json.WriteStartObject("logprobs");
            json.WriteStartArray("content");
            foreach (TokenLogprobs token in logprobs)
            {
                ResponseWriter.WriteToken(json, token.Chosen, token.Top);
            }

            json.WriteEndArray();
            json.WriteNull("refusal");
            json.WriteEndObject();
        }

        json.WriteString("finish_reason", choice.FinishReason);
        json.WriteEndObject();
    }
}
