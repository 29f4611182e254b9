using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Gguf;
using GgufConcepts.Models;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>analogy king - man + woman</c>: sums of words in embedding space.</summary>
internal sealed class AnalogyCommand : Command
{
    private readonly Argument<string[]> _terms = new("WORDS")
    {
        Description = "Words with + or - between them; the words themselves are left out of the result.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly WordArguments _words;

    public AnalogyCommand()
        : base("analogy", "Add and subtract words: analogy king - man + woman.")
    {
        Arguments.Add(_terms);
        _words = new WordArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string[] terms = parse.GetValue(_terms)!;
        int count = _words.Count(parse);
        using LoadedModel loaded = await _words.Model.OpenAsync(parse, cancellation);
        (IReadOnlyList<WordVector> words, float[] sum) = WordVectors.Sum(loaded.Model, terms, _words.Mean(parse));
        Tokenizer tokenizer = loaded.Model.Tokenizer;
        NearToken[] nearest = NearestTokens.Find(loaded.Model.Embeddings, sum, 1, count, Listed, cancellation)[0];
        return _words.Write(parse, loaded.Model, string.Join(' ', terms), nearest);

        // 'king', ' king' and ' King' are tokens of their own; none of them is news.
        bool Listed(int id)
        {
            string text = tokenizer.Text(id).Trim();
            return words.All(word => !word.Tokens.Contains(id)
                && !text.Equals(word.Word, StringComparison.OrdinalIgnoreCase));
        }
    }
}
