using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using Microsoft.Extensions.AI;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace GgufConcepts.Hosting.Chat;

/// <summary>What a chat client is asked, as the library has it.</summary>
/// <param name="Prompt">The messages.</param>
/// <param name="Think">How to think and to answer.</param>
/// <param name="ShowsThought">Whether the thought's words are part of the response.</param>
internal sealed record ChatRequest(string Prompt, ThinkOptions Think, bool ShowsThought)
{
    /// <summary>Translates messages and options.</summary>
    /// <param name="client">The client that is asked.</param>
    /// <param name="model">The name of its model.</param>
    /// <param name="template">Its chat template, see <see cref="ChatPrompt.Of"/>.</param>
    /// <param name="messages">The chat.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="NotSupportedException">The options ask for something that the model cannot do.</exception>
    /// <exception cref="ConceptInputException">The messages are no chat, or the settings none of ours.</exception>
    public static ChatRequest Of(
        IChatClient client, string model, string? template, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ChatSupport.Check(model, options);
        ThinkOptions? asked = options?.RawRepresentationFactory?.Invoke(client) as ThinkOptions ?? ConceptChatOptions.Find(options);
        ChatPrompt prompt = ChatPrompt.Of([.. Turns(messages, options?.Instructions)], asked?.Chat?.Template ?? template);
        bool shows = options?.Reasoning?.Output != ReasoningOutput.None;

        ThinkOptions think = asked ?? ConceptChatOptions.Standard;
        think = think with
        {
            Chat = prompt.Chat,
            MaxSteps = Steps(options?.Reasoning?.Effort) ?? asked?.MaxSteps ?? 0,
            AnswerTokens = options?.MaxOutputTokens ?? think.AnswerTokens,
            Answer = Decoding(options, think.Answer),
            StopTexts = options?.StopSequences is { Count: > 0 } stops ? [.. stops] : think.StopTexts,
            Seed = options?.Seed is { } seed ? unchecked((ulong)seed) : think.Seed,
        };
        return new ChatRequest(prompt.Text, think.MaxSteps == 0 ? Plain(think) : shows ? think : Unread(think), shows);
    }

    private static int? Steps(ReasoningEffort? effort) => effort switch
    {
        null => null,
        ReasoningEffort.None => ThoughtSteps.Of("none"),
        ReasoningEffort.Low => ThoughtSteps.Of("low"),
        ReasoningEffort.Medium => ThoughtSteps.Of("medium"),
        ReasoningEffort.High => ThoughtSteps.Of("high"),
        ReasoningEffort.ExtraHigh => ThoughtSteps.Of("xhigh"),
        _ => ThoughtSteps.Of($"{effort}"),
    };

    private static TokenDecoding Decoding(ChatOptions? options, TokenDecoding standard)
    {
        if (options is null or { Temperature: null, TopP: null, TopK: null })
        {
            return standard;
        }

        return options.Temperature == 0f
            ? standard with { Greedy = true }
            : new TokenDecoding // whoever says how to draw wants a draw
            {
                Mix = standard.Mix with
                {
                    Temperature = options.Temperature ?? standard.Mix.Temperature,
                    TopP = options.TopP ?? standard.Mix.TopP,
                    TopK = options.TopK ?? standard.Mix.TopK,
                },
            };
    }

    /// <summary>No thought: nothing of one is in the trace either.</summary>
    private static ThinkOptions Plain(ThinkOptions think) =>
        think with { Strategy = new TokenDecoding { Greedy = true }, ChunkLength = 0, Reader = null };

    /// <summary>Nobody looks at the reader's words, but where they take the place of the vectors they are needed.</summary>
    private static ThinkOptions Unread(ThinkOptions think) => think.ChunkLength > 0 ? think : think with { Reader = null };

    private static IEnumerable<ChatTurn> Turns(IEnumerable<ChatMessage> messages, string? instructions)
    {
        if (!string.IsNullOrEmpty(instructions))
        {
            yield return new ChatTurn(Thinking.ChatRole.System, instructions);
        }

        foreach (ChatMessage message in messages)
        {
            yield return new ChatTurn(Role(message.Role), ChatSupport.TextOf(message));
        }
    }

    private static Thinking.ChatRole Role(ChatRole role) =>
        role == ChatRole.User ? Thinking.ChatRole.User
        : role == ChatRole.Assistant ? Thinking.ChatRole.Assistant
        : role == ChatRole.System ? Thinking.ChatRole.System
        : throw new NotSupportedException($"A message is from '{role.Value}'; use system, user or assistant: there are no tools here.");
}
