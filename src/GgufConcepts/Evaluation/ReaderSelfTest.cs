using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary>Finds out how well a model reads at all: rows of single words, which it should echo.</summary>
/// <remarks>A reader that cannot say which word it was given will make thoughts up. The words are tokens of three letters
/// or more with a space before them, drawn by a seed, so names, rare words and beginnings of words are among
/// them.</remarks>
public static class ReaderSelfTest
{
    private const int FewestLetters = 3;
    private const int MissesKept = 20;

    /// <summary>Reads words in one way.</summary>
    /// <param name="model">The model.</param>
    /// <param name="session">A session of it, not in use.</param>
    /// <param name="options">How it is asked; the prompt, its limits and copies count.</param>
    /// <param name="words">How many words; fewer where the vocabulary has not so many.</param>
    /// <param name="seed">Which ones.</param>
    /// <param name="progress">Told after every word.</param>
    /// <param name="cancellation">Stops within a token.</param>
    /// <exception cref="ConceptInputException">An option is out of range, the model cannot take vectors, or it has no such
    /// tokens.</exception>
    public static SelfTestRow Run(
        ConceptModel model,
        ConceptSession session,
        ReadOptions options,
        int words,
        ulong seed,
        IProgress<EvalProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(words, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(words, 1);
        int[] sample = Sample(model.Tokenizer, words, seed);
        string name = ReadTemplate.All.FirstOrDefault(template => template.Prompt == options.Text)?.Name ?? options.Prompt;
        List<SelfTestMiss> misses = [];
        int echoed = 0, otherWord = 0;
        foreach ((int index, int id) in sample.Index())
        {
            string word = model.Tokenizer.Text(id).Trim();
            string read = session.Read(session.Embeddings.Rows([id]), options, cancellation);
            if (SameWords.Normalise(read) == SameWords.Normalise(word))
            {
                echoed++;
            }
            else
            {
                otherWord += model.Tokenizer.EncodeContinuation(" " + SameWords.Normalise(read)).Length == 1 ? 1 : 0;
                misses.AddRange(misses.Count < MissesKept ? [new SelfTestMiss(word, read)] : []);
            }

            progress?.Report(new EvalProgress("words", name, index + 1, sample.Length));
        }

        (double low, double high) = Confidence(echoed, sample.Length);
        return new SelfTestRow(
            name, options.Text, sample.Length, echoed, otherWord, (double)echoed / sample.Length, low, high, misses);
    }

    /// <summary>The interval that holds the true share with 95% confidence (Wilson 1927).</summary>
    /// <param name="hits">How many.</param>
    /// <param name="count">Of how many, 1 or more.</param>
    public static (double Low, double High) Confidence(int hits, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, count);
        const double Z = 1.959964; // 97.5% of a normal distribution
        double share = (double)hits / count;
        double centre = (share + (Z * Z / (2 * count))) / (1 + (Z * Z / count));
        double reach = Z / (1 + (Z * Z / count)) * Math.Sqrt((share * (1 - share) / count) + (Z * Z / (4.0 * count * count)));
        return (Math.Max(0, centre - reach), Math.Min(1, centre + reach));
    }

    /// <summary>So many tokens that are whole words, in the order they were drawn.</summary>
    private static int[] Sample(Tokenizer tokenizer, int words, ulong seed)
    {
        int[] whole = [.. Enumerable.Range(0, tokenizer.Count).Where(IsWord)];
        return whole.Length > 0
            ? [.. ReadingVectors.Order(whole.Length, seed).Take(words).Select(at => whole[at])]
            : throw new ConceptInputException("The vocabulary has no tokens that are whole words, so none can be read.");

        bool IsWord(int id) => !tokenizer.NeverMixed.Contains(id)
            && tokenizer.Text(id) is [' ', .. { Length: >= FewestLetters } word]
            && word.All(char.IsLetter);
    }
}

/// <summary>How many words a model echoed, asked in one way.</summary>
/// <param name="Template">The reading prompt's name, or the prompt itself.</param>
/// <param name="Prompt">The reading prompt.</param>
/// <param name="Words">Words asked.</param>
/// <param name="Echoed">Words read as themselves; case and punctuation do not count.</param>
/// <param name="OtherWord">Words read as one other word: a translation, a neighbour, or a mistake.</param>
/// <param name="Share">The share echoed, 0 to 1.</param>
/// <param name="Low">The least that the share of all words may be, with 95% confidence.</param>
/// <param name="High">The most that it may be.</param>
/// <param name="Misses">The first words that were read as something else.</param>
public sealed record SelfTestRow(
    string Template,
    string Prompt,
    int Words,
    int Echoed,
    int OtherWord,
    double Share,
    double Low,
    double High,
    IReadOnlyList<SelfTestMiss> Misses)
{
    private const double Well = 0.85;
    private const double Mostly = 0.5;
    private const double Hardly = 0.25;

    /// <summary>By what is sure of the share echoed: <c>well</c> from .85 on, <c>mostly</c> from .5 on, <c>hardly</c> below
    /// .25, else <c>partly</c>.</summary>
    public string Reads => Low >= Well ? "well" : Low >= Mostly ? "mostly" : High < Hardly ? "hardly" : "partly";

    /// <summary>The same in a sentence.</summary>
    public string Verdict => Reads switch
    {
        "well" => "This model reads single words well; see with --controls whether it reads your vectors.",
        "mostly" => "This model reads most single words; mind its misses, and see with --controls whether it reads your vectors.",
        "hardly" => "This model reads single words hardly or not at all; readings of it mean little.",
        _ => "This model reads some single words; trust no reading of it without its --controls.",
    };
}

/// <summary>A word that was read as something else.</summary>
/// <param name="Word">The word whose row it was.</param>
/// <param name="Read">What the reader said.</param>
public sealed record SelfTestMiss(string Word, string Read);
