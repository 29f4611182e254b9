using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using GgufConcepts.Tests.Thinking;

namespace GgufConcepts.Tests.Models;

public sealed class ChatTemplateTests(LoadedModels models)
{
    private static readonly ThinkOptions s_bare = new()
    {
        Strategy = new ScriptedStrategy(ScriptedStrategy.Unsure), MaxSteps = 2, Reader = null, AnswerTokens = 0,
        ColdStop = new ColdStop { Entropy = 0 },
    };

    private ConceptModel Atlas => models.Committed("atlas");

    [Theory]
    [InlineData(null, "<|im_start|>user\nWhat is the capital of Egypt?<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("The river is long.",
        "<|im_start|>system\nThe river is long.<|im_end|>\n<|im_start|>user\nWhat is the capital of Egypt?<|im_end|>\n<|im_start|>assistant\n")]
    public void Encode_ModelsOwnTemplate_IsWhatItsTextWithMarkersGives(string? system, string whole)
    {
        ChatTemplate template = ChatTemplate.Of(Atlas);
        Assert.Equal("model", template.Name);
        int[] tokens = template.Encode(Atlas.Tokenizer, "What is the capital of Egypt?", system);
        Assert.Equal(Atlas.Tokenizer.EncodePrompt(whole, markers: true), tokens);
    }

    [Fact]
    public void Encode_AChat_HasEveryMessageInItsPlace()
    {
        ChatTurn[] turns =
        [
            new(ChatRole.System, "Be brief."), new(ChatRole.User, "One?"), new(ChatRole.Assistant, "Two."), new(ChatRole.User, "One?"),
        ];
        const string Whole = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n" +
            "<|im_start|>assistant\nTwo.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n<|im_start|>assistant\n";
        int[] expected = Atlas.Tokenizer.EncodePrompt(Whole, markers: true);
        Assert.Equal(expected, ChatTemplate.Of(Atlas, "chatml").Encode(Atlas.Tokenizer, turns));

        ThinkOptions options = new()
        {
            Chat = new ChatOptions { Template = "chatml", System = "Be brief.", History = turns[1..3] }, MaxSteps = 0, AnswerTokens = 0,
        };
        Assert.Equal(expected, Runs.Think(Atlas, "One?", options).PromptTokens);
    }

    [Fact]
    public void Encode_NoMessageOrTooMany_IsRefused()
    {
        ChatTemplate template = ChatTemplate.Of(Atlas, "chatml");
        Assert.Throws<ConceptInputException>(() => template.Encode(Atlas.Tokenizer, []));
        ConceptInputException refusal = Assert.Throws<ConceptInputException>(
            () => template.Encode(Atlas.Tokenizer, [.. Enumerable.Repeat(new ChatTurn(ChatRole.User, "a"), 1025)]));
        Assert.Equal("The chat has 1025 messages; use 1 to 1024.", refusal.Message);
        Assert.NotEmpty(template.Encode(Atlas.Tokenizer, [.. Enumerable.Repeat(new ChatTurn(ChatRole.User, "a"), 1024)]));
    }

    [Fact]
    public void Encode_MarkersInAMessage_StayText()
    {
        Tokenizer tokenizer = Atlas.Tokenizer;
        int end = tokenizer.FindMarker("<|im_end|>");
        int[] tokens = ChatTemplate.Of(Atlas).Encode(tokenizer, "a<|im_end|>b", "c<|im_end|>d<|im_start|>");
        Assert.Equal(2, tokens.Count(id => id == end)); // one a message, the template's own
        Assert.Equal(3, tokens.Count(id => id == tokenizer.FindMarker("<|im_start|>")));
        Assert.Contains("a<|im_end|>b", tokenizer.Decode(tokens), StringComparison.Ordinal); // where markers decode to nothing
    }

    [Fact]
    public void Of_NamedTemplate_IsUsedOnAnyModel()
    {
        ConceptModel stories = models.Tiny(TinyArchitecture.Qwen2);
        int[] tokens = ChatTemplate.Of(stories, "chatml").Encode(stories.Tokenizer, "yes");
        Assert.Equal(
            stories.Tokenizer.EncodePrompt("<|im_start|>user\nyes<|im_end|>\n<|im_start|>assistant\n", markers: true), tokens);
    }

    [Fact]
    public void Of_UnknownName_ListsTheKnown()
    {
        ConceptInputException refused = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Of(Atlas, "chatter"));
        Assert.StartsWith("No chat template 'chatter'; use one of ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("chatml", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "carries no chat template; name one, such as chatml (on the command line --chat-template).")]
    [InlineData("", "carries no chat template;")]
    [InlineData("{{ something else }}", "is not known to llama.cpp; name a known one (on the command line --chat-template): ")]
    public void Of_TemplateMissingOrUnknown_NamesTheOption(string? template, string reason)
    {
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions
        {
            Settings = new Dictionary<string, object?> { ["tokenizer.chat_template"] = template },
        });
        ConceptInputException refused = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Of(model));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_Chat_AnswersTheQuestion()
    {
        using ConceptSession session = Atlas.CreateSession();
        string answer = string.Concat(session.Generate(
            "What is the capital of Egypt?", new TokenDecoding { Greedy = true }, 32, chat: new ChatOptions(),
            cancellation: TestContext.Current.CancellationToken).OfType<AnswerPiece>().Select(piece => piece.Text));
        Assert.Equal("The capital of Egypt is Cairo.", answer.Trim());
    }

    /// <summary>A reasoning model's own marker follows a chat prompt, and nothing a text to continue.</summary>
    [Fact]
    public void Think_ModelWithThinkMarkers_BeginsAChatsThoughtWithThem()
    {
        string[] tokens = [.. TinyVocabulary.Tokens];
        (tokens[TinyVocabulary.EndOfTextId], tokens[TinyVocabulary.ImStartId]) = ("</think>", "<think>");
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions
        {
            Settings = new Dictionary<string, object?>
            {
                ["tokenizer.ggml.tokens"] = tokens, ["tokenizer.ggml.eos_token_id"] = TinyVocabulary.ImEndId,
            },
        });
        int[] prompt = ChatTemplate.Of(model, "chatml").Encode(model.Tokenizer, "yes");
        ThinkOptions chat = s_bare with { Chat = new ChatOptions { Template = "chatml" } };
        Trace trace = Runs.Think(model, "yes", chat);
        Assert.Equal([.. prompt, TinyVocabulary.ImStartId, .. model.Tokenizer.EncodeContinuation("\n")], trace.PromptTokens);
        Assert.Equal(TinyVocabulary.EndOfTextId, trace.Steps[^1].Chosen!.Id); // the limit gives the end marker
        Assert.Equal([TinyVocabulary.EndOfTextId], trace.ThinkEndTokens!);

        Assert.Equal(prompt, Runs.Think(model, "yes", chat with { ThinkStart = "" }).PromptTokens);
        Assert.Equal(
            model.Tokenizer.EncodePrompt("yes"), Runs.Think(model, "yes", s_bare).PromptTokens);
    }
}
