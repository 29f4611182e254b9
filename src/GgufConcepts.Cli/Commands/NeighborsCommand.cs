using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Gguf;
using GgufConcepts.Models;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>neighbors WORD</c>: the tokens nearest to a word in embedding space.</summary>
internal sealed class NeighborsCommand : Command
{
    private readonly Argument<string> _word = new("WORD") { Description = "A word that is one token, or several with --mean." };
    private readonly WordArguments _words;

    public NeighborsCommand()
        : base("neighbors", "List the tokens nearest to a word, by cosine of their input embeddings.")
    {
        Arguments.Add(_word);
        _words = new WordArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string text = CommonOptions.ReadText(parse, _word);
        int count = _words.Count(parse);
        using LoadedModel loaded = await _words.Model.OpenAsync(parse, cancellation);
        WordVector word = WordVectors.Find(loaded.Model, text, _words.Mean(parse));
        NearToken[] nearest = NearestTokens.Find(
            loaded.Model.Embeddings, word.Vector, 1, count, id => !word.Tokens.Contains(id), cancellation)[0];
        return _words.Write(parse, loaded.Model, text, nearest);
    }
}
