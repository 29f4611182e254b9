using System.Text;
using GgufConcepts.Models;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Models;

public sealed class TokenizerTests(LoadedModels models)
{
    private const string Mixed = "¿Dónde está 概念?\n\t👩‍🚀 naïve  two spaces ";

    private Tokenizer Bytes => models.Tiny(TinyArchitecture.Qwen2).Tokenizer;

    [Theory]
    [InlineData("girl")]
    [InlineData(" girl")]
    [InlineData(", there was")]
    [InlineData("ing the park")]
    [InlineData("\nLily")]
    [InlineData("\n\nLily")]
    [InlineData("👩‍🚀é")]
    public void EncodeContinuation_SentencePiece_AddsNoSpace(string text)
    {
        Tokenizer tokenizer = models.Stories().Tokenizer;
        int[] ids = tokenizer.EncodeContinuation(text);
        Assert.Equal(text, string.Concat(Encoding.UTF8.GetString([.. ids.SelectMany(tokenizer.Bytes)])));
    }

    [Fact]
    public void EncodePrompt_SentencePiece_BeginsWithMarkerAndSpace()
    {
        Tokenizer tokenizer = models.Stories().Tokenizer;
        int[] ids = tokenizer.EncodePrompt("Once");
        Assert.True(tokenizer.IsControl(ids[0]));
        Assert.Equal(" Once", Encoding.UTF8.GetString([.. ids.Skip(1).SelectMany(tokenizer.Bytes)]));
        Assert.Empty(tokenizer.Bytes(ids[0]));
    }

    [Fact]
    public void EncodePrompt_ModelThatAddsAnEnd_LeavesThePromptOpen()
    {
        Dictionary<string, object?> settings = new() { ["tokenizer.ggml.add_eos_token"] = true };
        ConceptModel model = models.Tiny(TinyArchitecture.Llama, new TinyOptions { Settings = settings });
        int[] usual = models.Tiny(TinyArchitecture.Llama).Tokenizer.EncodePrompt("The capital of");
        Assert.Equal(usual, model.Tokenizer.EncodePrompt("The capital of"));
        Assert.False(model.Tokenizer.IsEndOfText(usual[^1]));
    }

    [Theory]
    [InlineData("Once upon a time")]
    [InlineData(Mixed)]
    [InlineData("a\0b")]
    public void Decode_OfEncodedPrompt_IsTheText(string text)
    {
        Assert.Equal(text, Bytes.Decode(Bytes.EncodePrompt(text)));
        Tokenizer stories = models.Stories().Tokenizer;
        Assert.Equal(" " + text, stories.Decode(stories.EncodePrompt(text))); // SentencePiece's own space
    }

    [Theory]
    [InlineData("deepseek-llm", "a")]
    [InlineData("gpt-4o", "\n")]
    public void Decode_OfHalfAMillionLettersOfOneWord_IsTheText(string rules, string letter)
    {
        Dictionary<string, object?> settings = new() { ["tokenizer.ggml.pre"] = rules };
        Tokenizer tokenizer = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { Settings = settings }).Tokenizer;
        string text = string.Concat(Enumerable.Repeat(letter, 500_000));
        Assert.Equal(text, tokenizer.Decode(tokenizer.EncodePrompt(text)));
    }

    [Fact]
    public void EncodePrompt_TextThatNoStackIsDeepEnoughFor_IsRefused()
    {
        ConceptInputException problem = Assert.Throws<ConceptInputException>(
            () => Bytes.EncodePrompt(new string('a', DeepStack.Longest + 1)));
        Assert.Contains("too long", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_Markers_OnlyWhereAskedFor()
    {
        const string Text = "yes<|im_end|>no";
        int[] read = Bytes.EncodeContinuation(Text, markers: true);
        int[] plain = Bytes.EncodeContinuation(Text);
        Assert.Contains(TinyVocabulary.ImEndId, read);
        Assert.DoesNotContain(TinyVocabulary.ImEndId, plain);
        Assert.Contains(TinyVocabulary.ImEndId, Bytes.EncodePrompt(Text, markers: true));
        Assert.DoesNotContain(TinyVocabulary.ImEndId, Bytes.EncodePrompt(Text));
        Assert.Equal(Text, Bytes.Decode(read, markers: true));
        Assert.Equal("yesno", Bytes.Decode(read));
        Assert.Equal(Text, Bytes.Decode(plain));
    }

    [Fact]
    public void EncodePrompt_Empty_IsEmptyOrTheBeginMarker()
    {
        Assert.Empty(Bytes.EncodePrompt(""));
        Assert.Equal([TinyVocabulary.EndOfTextId], models.Tiny(TinyArchitecture.Llama).Tokenizer.EncodePrompt(""));
        Assert.Empty(Bytes.EncodeContinuation(""));
        Assert.Equal("", Bytes.Decode([]));
    }

    [Fact]
    public void NeverMixed_Markers_AndNothingElse()
    {
        int[] never = [.. Enumerable.Range(0, Bytes.Count).Where(id => Bytes.NeverMixed.Contains(id))];
        Assert.Equal([TinyVocabulary.EndOfTextId, TinyVocabulary.ImStartId, TinyVocabulary.ImEndId], never);
    }

    [Fact]
    public void NeverMixed_NothingButMarkers_IsRefused()
    {
        Dictionary<string, object?> settings = new()
        {
            ["tokenizer.ggml.token_type"] = Enumerable.Repeat(3, TinyVocabulary.Tokens.Count).ToArray(), // all control
        };
        ConceptModel model = models.Tiny(TinyArchitecture.Qwen2, new TinyOptions { Settings = settings });
        using ConceptSession session = model.CreateSession();
        ConceptInputException problem = Assert.Throws<ConceptInputException>(() => session.Think("The", cancellation: TestContext.Current.CancellationToken).Count());
        Assert.Contains("tokens of this vocabulary are markers", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindMarker_OneTokenOrNone()
    {
        Assert.Equal(TinyVocabulary.ImEndId, Bytes.FindMarker(TinyVocabulary.ImEnd));
        Assert.Equal(-1, Bytes.FindMarker("</think>"));
        Assert.Equal(-1, Bytes.FindMarker(""));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void AnyCall_IdOutsideTheVocabulary_ThrowsNamingIt(int id)
    {
        Tokenizer tokenizer = Bytes;
        Assert.Equal("id", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Text(id)).ParamName);
        Assert.Equal("id", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Bytes(id)).ParamName);
        Assert.Equal("id", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.IsControl(id)).ParamName);
        Assert.Equal("id", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.IsEndOfText(id)).ParamName);
        Assert.Equal("ids", Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([0, id])).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Text(tokenizer.Count));
    }

    [Fact]
    public void Add_CharacterOverSeveralTokens_AppearsWhenWhole()
    {
        TextAssembler assembler = new(Bytes);
        int[] ids = Bytes.EncodeContinuation("a👍b");
        Assert.Equal(6, ids.Length); // the emoji is four bytes, each a token
        Assert.Equal(["a", "", "", "", "👍", "b"], ids.Select(assembler.Add));
        Assert.Equal("", assembler.Finish());
        Assert.Equal("a👍b", assembler.Text);
    }

    [Fact]
    public void Add_LongText_GivesItInPieces()
    {
        TextAssembler assembler = new(Bytes);
        string pieces = string.Concat(Bytes.EncodeContinuation(Mixed).Select(assembler.Add)) + assembler.Finish();
        Assert.Equal(Mixed, pieces);
        Assert.Equal(Mixed, assembler.Text);
    }

    [Fact]
    public void Finish_BrokenCharacter_BecomesTheReplacement()
    {
        TextAssembler assembler = new(Bytes);
        int[] ids = Bytes.EncodeContinuation("👍");
        Assert.Equal("", assembler.Add(ids[0]));
        Assert.Equal("", assembler.Add(ids[1]));
        Assert.Equal("\uFFFD", assembler.Finish());
    }

    [Fact]
    public void Add_CharacterCutShortByAnother_BecomesTheReplacement()
    {
        TextAssembler assembler = new(Bytes);
        int first = Bytes.EncodeContinuation("👍")[0];
        int letter = Bytes.EncodeContinuation("b")[0];
        Assert.Equal("\uFFFDb", assembler.Add(first) + assembler.Add(letter));
    }

    [Fact]
    public void Add_ControlToken_AddsNothing()
    {
        TextAssembler assembler = new(Bytes);
        Assert.Equal("", assembler.Add(TinyVocabulary.ImEndId));
        Assert.Equal(TinyVocabulary.ImEnd, Bytes.Text(TinyVocabulary.ImEndId));
    }
}
