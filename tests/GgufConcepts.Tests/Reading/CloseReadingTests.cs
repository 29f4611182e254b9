using GgufConcepts.Decoding;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Reading;

/// <summary>Faithfulness, controls and drawn readings, held to what the model says when it is asked token by
/// token.</summary>
public sealed class CloseReadingTests(LoadedModels models)
{
    private const double Exact = 1e-4; // F32 throughout; batches of other sizes sum in another order
    private const double Half = 0.02; // F16 weights: activations are rounded too, by batch size

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[], int, string> Vectors { get; } = new()
    {
        { "Qwen2", [" cat", " dog", " sat"], 1, "mean" },
        { "Qwen2", [" cat"], 1, "meanRow" },
        { "Qwen2", [" cat"], 4, "meanRow" },
        { "Qwen2", [" cat", " cat", " cat"], 1, "meanRow" }, // their mean is what they are
        { "Qwen2", [" cat", " dog"], 4, "mean" }, // only a single vector is repeated
        { "Gemma3", [" Paris", " France"], 1, "mean" }, // rows are scaled
        { "Gemma3", [" Paris"], 1, "meanRow" },
        { "Gpt2", [" one", " two", " three"], 1, "mean" },
        { "atlas", [" The", " black", " cat", " eats", " bread"], 1, "mean" },
        { "atlas", [" queen"], 1, "meanRow" },
        { "atlas", [" queen"], 5, "meanRow" },
    };

    [Theory, MemberData(nameof(Vectors))]
    public void Faithfulness_AnyVectors_EqualsTheModelAskedByHand(string name, string[] words, int copies, string baseline)
    {
        ConceptModel model = Model(name);
        double bound = name == "atlas" ? Half : Exact;
        using ConceptSession session = model.CreateSession();
        float[] vectors = Rows(model, session, words);
        ReadOptions options = new() { MaxTokens = 6, Repeat = copies, Faithfulness = true };

        CloseReading reading = session.ReadClosely(vectors, options, cancellation: Token);

        float[] instead = baseline == "mean"
            ? HandReading.Mean(vectors, session.Embeddings.Width)
            : [.. words.SelectMany(_ => HandReading.MeanRow(model, session))];
        int times = words.Length == 1 ? copies : 1;
        double[] with = HandReading.Probabilities(model, options.Prompt, Times(vectors, times), reading.Ids);
        double[] without = HandReading.Probabilities(model, options.Prompt, Times(instead, times), reading.Ids);
        Faithfulness measured = Assert.IsType<Faithfulness>(reading.Faithfulness);
        Assert.Equal(baseline, measured.Baseline);
        Assert.Equal(reading.Ids, measured.Tokens.Select(token => token.Id));
        for (int i = 0; i < with.Length; i++)
        {
            Assert.Equal(with[i], measured.Tokens[i].Probability, bound);
            Assert.Equal(without[i], measured.Tokens[i].Baseline, bound);
            Assert.Equal(Math.Abs(with[i] - without[i]), measured.Tokens[i].Faithfulness, 2 * bound);
        }

        double sentence = with.Aggregate(1.0, (product, p) => product * p);
        double sentenceWithout = without.Aggregate(1.0, (product, p) => product * p);
        Assert.Equal(sentence, measured.Probability, with.Length * bound);
        Assert.Equal(Math.Abs(sentence - sentenceWithout), measured.Value, 2 * with.Length * bound);
        Assert.Equal(Math.Log(sentence / sentenceWithout), measured.Gain, name == "atlas" ? 0.5 : 0.02);
    }

    [Fact]
    public void Controls_OfASentence_AreWhatTheModelSaysOfThoseVectors()
    {
        ConceptModel model = Model("atlas");
        using ConceptSession session = model.CreateSession();
        float[] vectors = Rows(model, session, " The", " black", " cat", " eats", " bread");
        float[] other = Rows(model, session, " The", " red", " bird", " sings");
        ReadOptions options = new() { Controls = true, Other = new OtherThought("by hand", other) };

        CloseReading reading = session.ReadClosely(vectors, options, seed: 3, Token);

        float[] mean = HandReading.Mean(vectors, session.Embeddings.Width);
        float[] fifth = [.. other, .. other[..session.Embeddings.Width]]; // four vectors in the place of five
        Assert.Equal(["mean", "shuffled", "other"], reading.Controls!.Select(control => control.Name));
        AssertControl(reading.Controls![0], mean);
        AssertControl(reading.Controls![2], fifth);
        Assert.Equal(0, reading.Controls![1].Probability, Half); // numbers in another order are no words
        Assert.InRange(reading.Faithfulness!.Value, 0.8, 1);

        void AssertControl(ControlReading control, float[] instead)
        {
            double[] probabilities = HandReading.Probabilities(model, options.Prompt, instead, reading.Ids);
            Assert.Equal(probabilities.Aggregate(1.0, (product, p) => product * p), control.Probability, 5 * Half);
            Assert.Equal(session.Read(instead, cancellation: Token), control.Text);
        }
    }

    [Fact]
    public void Readings_OfOneToken_FollowTheModelsOwnProbabilities()
    {
        const int Draws = 2000;
        ConceptModel model = Model("atlas");
        using ConceptSession session = model.CreateSession();
        float[] vector = Mixture(model, session, (" Paris", 0.4f), (" king", 0.3f), (" bread", 0.3f));
        ReadOptions options = new() { MaxTokens = 1, Readings = Draws };

        CloseReading reading = session.ReadClosely(vector, options, seed: 7, Token);

        Assert.Equal(Draws, reading.Readings!.Sum(group => group.Count));
        Assert.Equal(1, reading.Readings!.Sum(group => group.Share), 1e-9);
        Assert.Equal(reading.Readings!.OrderByDescending(group => group.Count), reading.Readings!);
        foreach (string word in (string[])[" Paris", " king", " bread"])
        {
            double expected = HandReading.Probabilities(
                model, options.Prompt, vector, model.Tokenizer.EncodeContinuation(word))[0];
            double share = reading.Readings!.Single(group => group.Text == word.Trim()).Share;
            double deviation = Math.Sqrt(expected * (1 - expected) / Draws);
            Assert.InRange(share, expected - (4 * deviation) - Half, expected + (4 * deviation) + Half);
        }
    }

    [Fact]
    public void Readings_SameSeed_AreTheSame()
    {
        ConceptModel model = Model("Qwen2");
        string first = Draw(1);

        Assert.Equal(first, Draw(1));
        Assert.NotEqual(first, Draw(2));

        string Draw(ulong seed)
        {
            using ConceptSession session = model.CreateSession();
            CloseReading reading = session.ReadClosely(
                Rows(model, session, " cat", " dog"), new ReadOptions { Readings = 20, MaxTokens = 8 }, seed, Token);
            return string.Join('|', reading.Readings!.Select(group => $"{group.Count} {group.Text}"));
        }
    }

    [Fact]
    public void Readings_LowTemperature_AllSayTheLikeliest()
    {
        ConceptModel model = Model("Qwen2");
        using ConceptSession session = model.CreateSession();
        ReadOptions options = new() { Readings = 11, MaxTokens = 8, Draw = new() { Temperature = 1e-4f } };

        CloseReading reading = session.ReadClosely(Rows(model, session, " cat", " dog"), options, 5, Token);

        Assert.Equal((reading.Text, 11), (Assert.Single(reading.Readings!).Text, reading.Readings![0].Count));
        Assert.Equal(reading.Text, session.Read(Rows(model, session, " cat", " dog"), options, Token)); // as without draws
    }

    /// <summary>Where the cache has no room for several readings side by side, they are made one after another.</summary>
    [Fact]
    public void Readings_NearlyFullContext_AreDrawnAllTheSame()
    {
        ConceptModel small = models.Tiny(TinyArchitecture.Qwen2, context: 64);
        using ConceptSession session = small.CreateSession();
        session.Decoder.Feed(0, [.. Enumerable.Repeat(65, 63)], Outputs.None, Token); // the writer's rows stay
        ReadOptions options = new() { Prompt = "{vectors}", Readings = 20, MaxTokens = 30, Faithfulness = true };
        float[] vectors = Rows(small, session, [.. Enumerable.Range(0, 34).Select(i => TinyVocabulary.Words[i % 30])]);

        CloseReading reading = session.ReadClosely(vectors, options, 1, Token);

        Assert.Equal(20, reading.Readings!.Sum(group => group.Count));
        Assert.Equal(63, session.Decoder.Position(0));
    }

    [Theory]
    [InlineData(1, "too many for one reading")]
    [InlineData(300, "copies of a vector are too many")]
    public void Read_MoreThanFits_IsInputError(int copies, string reason)
    {
        ConceptModel model = Model("Qwen2");
        using ConceptSession session = model.CreateSession();
        float[] vectors = Times(Rows(model, session, " cat"), copies == 1 ? 256 : 1);

        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => session.ReadClosely(vectors, new ReadOptions { Repeat = copies }, cancellation: Token));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ChatWithoutMarkers_IsInputErrorThatNamesThem()
    {
        ConceptModel model = models.Committed("mnns-continuous");
        using ConceptSession session = model.CreateSession();

        ConceptInputException refused = Assert.Throws<ConceptInputException>(
            () => session.Read(session.Embeddings.Rows([5]), new ReadOptions { Prompt = "chat" }, Token));

        Assert.Contains("needs the tokens <|im_start|> and <|im_end|>", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TemplateByName_IsItsPrompt()
    {
        ConceptModel model = Model("Qwen2");
        using ConceptSession session = model.CreateSession();
        float[] vectors = Rows(model, session, " cat", " dog");

        Assert.Equal(5, ReadTemplate.All.Select(template => template.Name).Distinct().Count());
        foreach (ReadTemplate template in ReadTemplate.All)
        {
            Assert.Empty(new ReadOptions { Prompt = template.Name }.FindProblems());
            Assert.Equal(template.Prompt, new ReadOptions { Prompt = template.Name }.Settings["prompt"]!.GetValue<string>());
            Assert.Equal(
                session.Read(vectors, new ReadOptions { Prompt = template.Prompt }, Token),
                session.Read(vectors, new ReadOptions { Prompt = template.Name }, Token));
        }
    }

    private ConceptModel Model(string name) => Enum.TryParse(name, out TinyArchitecture kind)
        ? models.Tiny(kind)
        : models.Committed(name);

    private static float[] Rows(ConceptModel model, ConceptSession session, params string[] words) => session.Embeddings.Rows(
        [.. words.Select(word => Assert.Single(model.Tokenizer.EncodeContinuation(word)))]);

    private static float[] Mixture(ConceptModel model, ConceptSession session, params (string Word, float Weight)[] parts)
    {
        float[] vector = new float[session.Embeddings.Width];
        session.Embeddings.Mix(
            [.. parts.Select(part => Assert.Single(model.Tokenizer.EncodeContinuation(part.Word)))],
            [.. parts.Select(part => part.Weight)],
            vector);
        return vector;
    }

    private static float[] Times(float[] vectors, int times) => [.. Enumerable.Repeat(vectors, times).SelectMany(copy => copy)];
}
