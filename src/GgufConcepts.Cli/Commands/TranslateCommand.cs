using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>translate TEXT --from Spanish</c>: the plain check that a model can translate at all, without
/// vectors.</summary>
internal sealed class TranslateCommand : Command
{
    private readonly Argument<string> _text = new("TEXT") { Description = "A sentence in the other language." };

    private readonly Option<string> _from = new("--from")
    {
        Description = "The language of the text.",
        HelpName = "LANGUAGE",
        Required = true,
    };

    private readonly Option<string> _to = new("--to")
    {
        Description = "The language to translate into.",
        HelpName = "LANGUAGE",
        DefaultValueFactory = _ => "English",
    };

    private readonly Option<int> _maxTokens = new("--max-tokens")
    {
        Description = "Most tokens of the translation, which also ends at a line break.",
        HelpName = "N",
        DefaultValueFactory = _ => 64,
    };

    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ModelArguments _model;

    public TranslateCommand()
        : base("translate", "Let the model translate a sentence in plain tokens: can it do that at all?")
    {
        Arguments.Add(_text);
        foreach (Option option in new Option[] { _from, _to, _maxTokens, _json })
        {
            Options.Add(option);
        }

        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string text = CommonOptions.ReadText(parse, _text);
        (string from, string to) = (parse.GetValue(_from)!, parse.GetValue(_to)!);
        int maxTokens = parse.GetValue(_maxTokens);
        if (string.IsNullOrWhiteSpace(from) || string.IsNullOrWhiteSpace(to))
        {
            throw new ConceptInputException($"--from is '{from}' and --to '{to}'; name two languages, as in: --from Spanish");
        }

        if (maxTokens < 1)
        {
            throw new ConceptInputException($"--max-tokens is {maxTokens}; use at least 1.");
        }

        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        string translation = Translation.Translate(session, text, from, to, maxTokens, cancellation);
        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new TranslateDocument(
                TraceModel.Of(loaded.Model.Info), text, from, to, Translation.Prompt(text, from, to), translation)));
        }
        else
        {
            Console.Out.WriteLine(Visible.Text(translation.Length > 0 ? translation : "(no words)"));
        }

        return ExitCodes.Done;
    }
}
