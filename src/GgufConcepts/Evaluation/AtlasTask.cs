using System.Numerics.Tensors;
using System.Text.Json;
using GgufConcepts.Decoding;
using GgufConcepts.Gguf;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary><c>atlas</c>: a language model of a little world is held to the grammar it was trained on.</summary>
/// <remarks>What may come next, what a Spanish sentence means, what vectors say: the grammar knows. The translations, and
/// the questions called held out, join words that training never joined; the rest may have been seen. Without a strategy of the caller's choice, thoughts
/// are measured with <c>soft</c> and with <c>hidden</c>; with one, only thoughts are measured.</remarks>
public sealed class AtlasTask : EvalTask
{
    private const int LongestChunk = 8; // vectors

    /// <inheritdoc/>
    public override string Name => "atlas";

    /// <inheritdoc/>
    public override string Description => "a little world: what comes next, translations, readings of vectors, questions, analogies";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Models { get; } = ["atlas", "atlas-gpt2", "atlas-q4_0"];

    /// <inheritdoc/>
    private protected override string Word => " Paris";

    /// <inheritdoc/>
    private protected override IEnumerable<EvalRow> Ask(
        ConceptModel model, EvalOptions options, IProgress<EvalProgress>? progress, CancellationToken cancellation)
    {
        if (options.Strategies.FirstOrDefault(strategy => !strategy.Rule.FeedsVectors) is { } wordy)
        {
            throw new ConceptInputException(
                $"'{wordy.Label}' thinks in words, and {Name} asks what vectors say; use a strategy that feeds vectors, such as soft.");
        }

        return Rows();

        IEnumerable<EvalRow> Rows()
        {
            using ConceptSession session = model.CreateSession();
            Asking asking = new(model, session, options, progress, cancellation);
            bool all = options.Strategies.Count == 0;
            IReadOnlyList<EvalStrategy> strategies = all
                ? [new EvalStrategy("soft", new SoftThinking()), new EvalStrategy("hidden", new HiddenState())]
                : options.Strategies;
            foreach (EvalRow row in all ? asking.WithoutThought() : [])
            {
                yield return row;
            }

            foreach (EvalRow row in strategies.SelectMany(asking.Thoughts))
            {
                yield return row;
            }
        }
    }

    /// <summary>One model being asked.</summary>
    private sealed class Asking(
        ConceptModel model,
        ConceptSession session,
        EvalOptions options,
        IProgress<EvalProgress>? progress,
        CancellationToken cancellation)
    {
        private static readonly ReadOptions s_chat =
            new() { Prompt = $"<|im_start|>user\n{ReadOptions.VectorsSlot}<|im_end|>\n<|im_start|>assistant\n" };

        private int Most => options.Limit ?? int.MaxValue;

        public IEnumerable<EvalRow> WithoutThought()
        {
            Dictionary<string, JsonElement[][]> truth =
                TaskFile.Read("atlas-truth.json", TaskFiles.Default.DictionaryStringJsonElementArrayArray);
            yield return Count("next token", truth, context => Variation(context.Key, context.Value), "total variation");

            AtlasQuestions asked = TaskFile.Read("atlas-questions.json", TaskFiles.Default.AtlasQuestions);
            yield return Exactly("Spanish to English", asked.Translations, text => Translation.Translate(
                session, text, "Spanish", "English", cancellation: cancellation));
            foreach ((string part, IReadOnlyList<string[]> pairs) in asked.Readings)
            {
                yield return Exactly($"read {part}", pairs, text => Read(text, null));
            }

            foreach ((string part, IReadOnlyList<string[]> pairs) in asked.Questions)
            {
                yield return Exactly($"questions: {part}", pairs, text => Read(text, s_chat));
            }

            yield return Exactly("analogies", asked.Analogies, Nearest);
        }

        /// <summary>Thoughts of one vector to eight, read as one of the ways their beginning may truly go on.</summary>
        public IEnumerable<EvalRow> Thoughts(EvalStrategy strategy)
        {
            Dictionary<string, JsonElement> beginnings =
                TaskFile.Read("atlas-chunks.json", TaskFiles.Default.DictionaryStringJsonElement);
            return Enumerable.Range(1, LongestChunk).Select(length =>
            {
                return Tally.Count(
                    $"thoughts of {length} read", strategy.Label, [.. beginnings.Take(Most)],
                    (beginning, item) => Follow(beginning.Key, beginning.Value, item), progress);

                (double, IReadOnlyList<ConceptStep>) Follow(string beginning, JsonElement ways, int item)
                {
                    ThinkOptions think = options.Bare(strategy.Rule, length, item) with { Reader = new ReadOptions() };
                    Thought thought = Thought.Of(session.Think(beginning, think, cancellation));
                    double score = thought.Steps.Count < length ? double.NaN // the text ends sooner
                        : IsWay(ways, thought.Reading, length) || IsWay(ways, " " + thought.Reading, length) ? 1 : 0;
                    return (score, thought.Steps);
                }
            });
        }

        /// <summary>Whether a text is so many tokens of a way on, or a whole one that is shorter.</summary>
        /// <param name="ways">A tree: what may come first, and after it; an empty name is an end.</param>
        /// <param name="text">What was read.</param>
        /// <param name="tokens">How many tokens.</param>
        private static bool IsWay(JsonElement ways, string text, int tokens) => text.Length == 0
            ? tokens == 0 || ways.TryGetProperty("", out _)
            : tokens > 0 && ways.EnumerateObject().Any(next => next.Name.Length > 0
                && text.StartsWith(next.Name, StringComparison.Ordinal)
                && IsWay(next.Value, text[next.Name.Length..], tokens - 1));

        private EvalRow Exactly(string part, IReadOnlyList<string[]> pairs, Func<string, string> say) =>
            Count(part, pairs, pair => say(pair[0]) == pair[1] ? 1 : 0);

        private EvalRow Count<T>(string part, IEnumerable<T> items, Func<T, double> score, string measure = EvalRow.Accuracy) =>
            Tally.Count(part, "", [.. items.Take(Most)], (item, _) => (score(item), (IReadOnlyList<ConceptStep>)[]), progress, measure);

        private string Read(string text, ReadOptions? reader) => session.Read(
            session.Embeddings.Rows(model.Tokenizer.EncodeContinuation(text)), reader, cancellation);

        private string Nearest(string sum)
        {
            (IReadOnlyList<WordVector> words, float[] vector) = WordVectors.Sum(model, [sum], mean: false);
            NearToken nearest = NearestTokens.Find(
                model.Embeddings, vector, 1, 1, id => !words.Any(word => word.Tokens.Contains(id)), cancellation)[0][0];
            return model.Tokenizer.Text(nearest.Id).Trim();
        }

        /// <summary>Total variation distance between what the model expects and what is true: the probability they do
        /// not share.</summary>
        private double Variation(string context, JsonElement[][] truth)
        {
            session.Decoder.TryRewind(Sequences.Writer, 0);
            session.Decoder.Feed(Sequences.Writer, model.Tokenizer.EncodePrompt(context, markers: true), Outputs.Logits, cancellation);
            float[] shares = new float[model.Tokenizer.Count];
            TensorPrimitives.SoftMax(session.Decoder.Logits(), shares);
            return 1 - truth.Sum(word => Math.Min(word[1].GetDouble(), shares[Token(word[0].GetString()!)]));
        }

        private int Token(string word) => model.Tokenizer.EncodeContinuation(word, markers: true) is [int id]
            ? id
            : throw new ConceptInputException(
                $"'{word}' is no single token of {model.Info.Name}, so it was not made for atlas; leave --model out.");
    }
}

/// <summary>The form of <c>atlas-questions.json</c>: pairs of what is asked and what is right.</summary>
/// <param name="Translations">Spanish sentences and their English.</param>
/// <param name="Readings">Texts whose rows are read, and their meaning, by kind.</param>
/// <param name="Questions">Questions whose rows stand between chat markers, and their answers, by kind.</param>
/// <param name="Analogies">Sums of words, and the nearest word.</param>
internal sealed record AtlasQuestions(
    IReadOnlyList<string[]> Translations,
    IReadOnlyDictionary<string, IReadOnlyList<string[]>> Readings,
    IReadOnlyDictionary<string, IReadOnlyList<string[]>> Questions,
    IReadOnlyList<string[]> Analogies);
