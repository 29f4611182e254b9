using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Hosting.Tests.Http;

/// <summary>OpenAI's own client speaks to a server of ours (<c>tests/clients/openai.mjs</c>), and what it heard is
/// judged.</summary>
[Trait("Speed", "Slow")]
public sealed class OpenAiClientTests
{
    private const string Answer = "The capital of Egypt is Cairo.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_EverythingThatItAsks_IsAnsweredAsItExpects()
    {
        await using Server server = await Server.StartAsync();
        OtherPrograms.Outcome run = await OtherPrograms.NodeAsync("clients", "openai.mjs", [$"{server.Address}v1", "atlas"], Token);
        Assert.SkipWhen(run.Missing is not null, run.Missing ?? "");
        Assert.True(run.Code == 0, run.Error);
        JsonElement heard = JsonElement.Parse(run.Output);

        Assert.Equal("atlas", heard.GetProperty("models")[0].GetString());
        Assert.Equal("atlas", heard.GetProperty("model").GetProperty("id").GetString());
        CheckCompletions(heard);
        CheckSeeds(heard.GetProperty("seeds"));
        CheckChats(heard);
        CheckChatStream([.. heard.GetProperty("chatStream").EnumerateArray()]);
        CheckErrors(heard.GetProperty("errors"));
    }

    private static void CheckCompletions(JsonElement heard)
    {
        JsonElement choice = Choice(heard.GetProperty("completion"));
        Assert.Equal((" Paris.", "stop"), (Text(choice), Finish(choice)));
        JsonElement usage = heard.GetProperty("completion").GetProperty("usage");
        Assert.Equal((5, 2, 7), (Number(usage, "prompt_tokens"), Number(usage, "completion_tokens"), Number(usage, "total_tokens")));

        JsonElement[] chunks = [.. heard.GetProperty("completionStream").EnumerateArray()];
        Assert.Equal(" Paris.", string.Concat(chunks.Select(chunk => Text(Choice(chunk)))));
        Assert.Equal("stop", Finish(Choice(chunks[^1])));
        Assert.All(chunks[..^1], chunk => Assert.Null(Finish(Choice(chunk))));

        JsonElement logprobs = Choice(heard.GetProperty("logprobs")).GetProperty("logprobs");
        Assert.Equal([" Paris", "."], logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
        Assert.Equal(3, logprobs.GetProperty("top_logprobs")[0].EnumerateObject().Count());
        Assert.Equal(
            logprobs.GetProperty("token_logprobs")[0].GetDouble(),
            logprobs.GetProperty("top_logprobs")[0].GetProperty(" Paris").GetDouble());
        Assert.Equal([0, 6], logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()));

        Assert.Equal(
            [" Paris.", " Cairo."], heard.GetProperty("prompts").GetProperty("choices").EnumerateArray().Select(Text));
        Assert.DoesNotContain("(", Text(Choice(heard.GetProperty("stop"))), StringComparison.Ordinal);
        Assert.Equal("stop", Finish(Choice(heard.GetProperty("stop"))));
        Assert.Equal("length", Finish(Choice(heard.GetProperty("length"))));
    }

    private static void CheckSeeds(JsonElement seeds)
    {
        string first = Text(Choice(seeds[0]));
        Assert.NotEmpty(first);
        Assert.Equal(first, Text(Choice(seeds[1])));
        string[] many = [.. seeds[2].GetProperty("choices").EnumerateArray().Select(Text)];
        Assert.Equal((4, 4), (many.Length, many.Distinct().Count()));
        Assert.Equal([0, 1, 2, 3], seeds[2].GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
    }

    private static void CheckChats(JsonElement heard)
    {
        JsonElement plain = Choice(heard.GetProperty("chat"));
        Assert.Equal((Answer, "stop"), (Message(plain), Finish(plain)));
        Assert.False(plain.GetProperty("message").TryGetProperty("reasoning_content", out _));

        JsonElement thought = heard.GetProperty("chatThought");
        Assert.NotEmpty(Choice(thought).GetProperty("message").GetProperty("reasoning_content").GetString()!);
        Assert.NotEmpty(Message(Choice(thought)));
        Assert.Equal(4, Number(thought.GetProperty("usage").GetProperty("completion_tokens_details"), "reasoning_tokens"));
        int effort = Number(heard.GetProperty("chatEffort").GetProperty("usage").GetProperty("completion_tokens_details"), "reasoning_tokens");
        Assert.InRange(effort, 1, 8);

        JsonElement[] logprobs = [.. Choice(heard.GetProperty("chatLogprobs")).GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(Answer, string.Concat(logprobs.Select(token => token.GetProperty("token").GetString())));
        Assert.All(logprobs, token => Assert.Equal(2, token.GetProperty("top_logprobs").GetArrayLength()));
        Assert.Contains("Cairo", Message(Choice(heard.GetProperty("chatTurns"))), StringComparison.Ordinal);
        Assert.Equal(Answer, heard.GetProperty("runner").GetProperty("content").GetString());
    }

    private static void CheckChatStream(JsonElement[] chunks)
    {
        JsonElement[] deltas = [.. chunks[..^1].Select(chunk => Choice(chunk).GetProperty("delta"))];
        Assert.Equal("assistant", deltas[0].GetProperty("role").GetString());
        int words = Array.FindIndex(deltas, delta => delta.TryGetProperty("reasoning_content", out _));
        int text = Array.FindIndex(deltas, 1, delta => delta.TryGetProperty("content", out _));
        Assert.InRange(words, 1, text - 1); // the thought comes before the answer
        Assert.Equal("stop", Finish(Choice(chunks[^2])));
        Assert.Empty(chunks[^1].GetProperty("choices").EnumerateArray());
        Assert.Equal(4, Number(chunks[^1].GetProperty("usage").GetProperty("completion_tokens_details"), "reasoning_tokens"));
    }

    private static void CheckErrors(JsonElement errors)
    {
        Check("model", "NotFoundError", 404, "model", "There is no such model here; there is atlas.");
        Check("oneModel", "NotFoundError", 404, "model", "There is no such model here; there is atlas.");
        Check("range", "BadRequestError", 400, "temperature", "temperature is -1; use 0 to 100.");
        Check("type", "BadRequestError", 400, "max_tokens", "max_tokens is \"many\"; use a whole number from 0 to 131072.");
        Check("unknown", "BadRequestError", 400, "max_tokns", "There is no field max_tokns; there are");
        Check("concept", "BadRequestError", 400, "concept.strategy", "No strategy 'softer'; use one of soft,");
        Check("tools", "BadRequestError", 400, "tools", "tools is given, and the model calls no tools; leave it out.");
        Check("noMessages", "BadRequestError", 400, "messages", "The chat has no messages; send at least one, the user's.");
        Check("tooLong", "BadRequestError", 400, "prompt", "tokens does not fit the context, which holds 256.");
        Check("stream", "BadRequestError", 400, "prompt", "The prompt is empty");

        void Check(string name, string kind, int status, string? field, string message)
        {
            JsonElement error = errors.GetProperty(name);
            Assert.Equal((kind, status, field), (
                error.GetProperty("name").GetString(), Number(error, "status"), error.GetProperty("param").GetString()));
            Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    private static JsonElement Choice(JsonElement response) => response.GetProperty("choices")[0];

    private static string Text(JsonElement choice) => choice.GetProperty("text").GetString()!;

    private static string Message(JsonElement choice) => choice.GetProperty("message").GetProperty("content").GetString()!;

    private static string? Finish(JsonElement choice) => choice.GetProperty("finish_reason").GetString();

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
