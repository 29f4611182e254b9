using GgufConcepts.Hosting.Chat;
using GgufConcepts.Strategies;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace GgufConcepts.Hosting.Tests.Readme;

/// <summary>The chat client in the README: what stands between the marks is printed there word for word.</summary>
public static class ChatPage
{
    /// <param name="services">Those of a host that runs Atlas.</param>
    /// <param name="Console">Stands in for the class of that name, so that a test sees what is written.</param>
    public static async Task RunAsync(IServiceProvider services, TextWriter Console)
    {
        // README begins
        IChatClient client = services.GetRequiredKeyedService<IChatClient>("atlas"); // without a host: new ConceptChatClient(model)

        ChatOptions options = new ChatOptions { MaxOutputTokens = 100 }
            .WithConcepts(think => think with { Strategy = new SoftThinking(), MaxSteps = 16 });
        await foreach (ChatResponseUpdate part in client.GetStreamingResponseAsync("What is the capital of France?", options))
        {
            foreach (AIContent content in part.Contents)
            {
                if (content is TextReasoningContent thought)
                {
                    Console.WriteLine($"thought: {thought.Text}"); // thought: The capital of
                }
                else if (content is TextContent answer)
                {
                    Console.Write(answer.Text); // France is Paris.
                }
            }
        }
        // README ends
    }
}
