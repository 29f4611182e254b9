using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Mixing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>next PROMPT</c>: what the model might say next, with probabilities.</summary>
internal sealed class NextCommand : Command
{
    private readonly Argument<string> _prompt = new("PROMPT") { Description = "The text to continue." };
    private readonly Option<int> _count = CommonOptions.Count("Tokens to list.", 15);
    private readonly Option<bool> _json = CommonOptions.Json();

    private readonly Option<float> _temperature = new("--temperature")
    {
        Description = "Softmax temperature, above 0; lower is sharper.",
        HelpName = "T",
        DefaultValueFactory = _ => MixOptions.Default.Temperature,
    };

    private readonly ModelArguments _model;

    public NextCommand()
        : base("next", "List the tokens that may come next, with their probabilities.")
    {
        Arguments.Add(_prompt);
        Options.Add(_count);
        Options.Add(_temperature);
        Options.Add(_json);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string prompt = CommonOptions.ReadText(parse, _prompt);
        int count = CommonOptions.CheckCount(parse.GetValue(_count), ConceptToken.Capacity);
        float temperature = parse.GetValue(_temperature);
        if (new MixOptions { Temperature = temperature }.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        NextTokens next = session.ListNext(prompt, temperature, count, cancellation);

        if (parse.GetValue(_json))
        {
            Console.Out.WriteLine(Documents.Write(new NextDocument(
                TraceModel.Of(loaded.Model.Info), prompt, next.PromptTokens, temperature, next.Entropy,
                [.. next.Tokens.Select(token => new TraceToken(token.Id, token.Text, token.Probability))])));
            return ExitCodes.Done;
        }

        IAnsiConsole console = Terminal.Create();
        Table table = Terminal.NewTable("probability", "", "token", "id");
        foreach (TokenWeight token in next.Tokens)
        {
            table.AddRow(
                new Text(Visible.Share(token.Probability)).RightJustified(),
                new Text(TraceTable.Bar(token.Probability / next.Tokens[0].Probability), new Style(Color.Yellow)),
                new Text(Visible.Cut(Visible.Token(token.Text), Terminal.TokenWidth)),
                new Text(token.Id.ToString(CultureInfo.InvariantCulture)).RightJustified());
        }

        Terminal.Print(console, table);
        TraceTable.WriteField(console, "entropy", string.Create(
            CultureInfo.InvariantCulture,
            $"{next.Entropy:F3} nats over {loaded.Model.Info.VocabularySize} tokens (as unsure as {Math.Exp(next.Entropy):F1} equal choices)"));
        return ExitCodes.Done;
    }
}
