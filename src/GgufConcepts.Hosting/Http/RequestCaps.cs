using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http;

/// <summary>How much one request may ask for. Everything beyond is refused by the name of its field.</summary>
/// <remarks>What the library itself refuses is smaller at times: a prompt must fit the model's context.</remarks>
internal static class RequestCaps
{
    /// <summary>Bytes of a request that asks something.</summary>
    public const int Body = 1 << 20;

    /// <summary>Bytes of a request that brings traces or vectors.</summary>
    public const int LargeBody = 16 << 20;

    /// <summary>Requests of more than <see cref="Body"/> that are answered at once.</summary>
    public const int LargeBodies = 2;

    /// <summary>Objects, lists, texts, numbers and the like in a body of up to <see cref="Body"/>.</summary>
    /// <remarks>No request has as many: the most that it may hold are parts of messages, <c>{"type":"text","text":"a"},</c>,
    /// which are 9 bytes a value.</remarks>
    public const int BodyValues = Body / 8;

    /// <summary>Those in a body of up to <see cref="LargeBody"/>.</summary>
    /// <remarks>No two traces have as many: each lists as many tokens of its prompt and of its answer as there may be, and
    /// whatever else a trace holds is at least 9 bytes a value, as in <c>{"id":5,"text":"a","probability":0.5},</c>.</remarks>
    public const int LargeBodyValues = (2 * (PromptLength + AnswerTokens)) + (LargeBody / 9);

    /// <summary>Those in a trace's settings: three to each message of a chat, and some hundred.</summary>
    public const int SettingsValues = 4 * Messages;

    /// <summary>Objects and lists within each other.</summary>
    public const int JsonDepth = 32;

    /// <summary>Characters of a prompt, or of all messages of a chat.</summary>
    public const int PromptLength = 1 << 19;

    /// <summary>Steps of a thought.</summary>
    public const int Steps = 1 << 17;

    /// <summary>Vectors of a chunk.</summary>
    public const int Chunk = 1 << 12;

    /// <summary>Tokens of an answer.</summary>
    public const int AnswerTokens = 1 << 17;

    /// <summary>Tokens of a reading, of which a thought may have many.</summary>
    public const int ReadingTokens = 1 << 12;

    /// <summary>Readings drawn of one chunk.</summary>
    public const int Readings = 64;

    /// <summary>Answers to one text.</summary>
    public const int Choices = 16;

    /// <summary>Texts to continue.</summary>
    public const int Prompts = 64;

    /// <summary>Thoughts of one request: texts times answers.</summary>
    public const int Sequences = 128;

    /// <summary>Texts that end an answer.</summary>
    public const int StopTexts = ThinkOptions.MostStopTexts;

    /// <summary>Characters of one of them.</summary>
    public const int StopLength = ThinkOptions.LongestStopText;

    /// <summary>Messages of a chat, and parts of a message.</summary>
    public const int Messages = ChatTemplate.MostTurns;

    /// <summary>Tokens listed beside each of a chat's answer.</summary>
    public const int TopLogprobs = 20;

    /// <summary>Tokens listed beside each of a completion, as OpenAI has it.</summary>
    public const int Logprobs = 5;

    /// <summary>Tokens listed that are nearest to a vector.</summary>
    public const int Nearest = 100;

    /// <summary>Time for a body to come, however large, and for a page to be taken in.</summary>
    public static TimeSpan BodyTime { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Events that wait for a client that reads them more slowly than they come.</summary>
    public const int UnsentEvents = 1 << 14;
}
