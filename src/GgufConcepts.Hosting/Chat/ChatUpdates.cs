using GgufConcepts.Thinking;
using Microsoft.Extensions.AI;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace GgufConcepts.Hosting.Chat;

/// <summary>Makes the parts of a response of what happens in a thought, one of each event.</summary>
/// <param name="model">The model's name.</param>
/// <param name="request">What was asked.</param>
internal sealed class ChatUpdates(string model, ChatRequest request)
{
    private readonly string _id = Guid.CreateVersion7().ToString("N");
    private readonly DateTimeOffset _createdAt = DateTimeOffset.UtcNow;
    private readonly ThoughtWords _words = new();
    private int _promptTokens;
    private int _steps;
    private int _answerTokens;

    /// <summary>The part of the response that an event is.</summary>
    public ChatResponseUpdate Of(ThoughtEvent happened)
    {
        ChatResponseUpdate update = new()
        {
            Role = ChatRole.Assistant,
            ModelId = model,
            ResponseId = _id,
            MessageId = _id,
            CreatedAt = _createdAt,
            RawRepresentation = happened,
        };
        AddThought(update, _words.Of(happened));
        switch (happened)
        {
            case PromptRead prompt:
                _promptTokens = prompt.Tokens.Count;
                break;
            case ConceptStep { IsMarker: false }:
                _steps++;
                break;
            case AnswerPiece piece:
                _answerTokens += piece.Token is null ? 0 : 1;
                if (piece.Text.Length > 0)
                {
                    update.Contents.Add(new TextContent(piece.Text));
                }

                break;
            case ThoughtEnded ended:
                update.FinishReason = new ChatFinishReason(FinishReasons.Of(ended));
                update.Contents.Add(new UsageContent(Usage()));
                break;
        }

        return update;
    }

    /// <summary>Steps are counted among the tokens put out, as that property's documentation has it.</summary>
    private UsageDetails Usage() => new()
    {
        InputTokenCount = _promptTokens,
        OutputTokenCount = _steps + _answerTokens,
        TotalTokenCount = _promptTokens + _steps + _answerTokens,
        ReasoningTokenCount = _steps,
    };

    private void AddThought(ChatResponseUpdate update, string words)
    {
        if (request.ShowsThought && words.Length > 0)
        {
            update.Contents.Add(new TextReasoningContent(words));
        }
    }
}
