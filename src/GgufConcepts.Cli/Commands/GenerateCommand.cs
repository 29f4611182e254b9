using System.CommandLine;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>generate PROMPT</c>: plain generation, with the distribution of every step if asked for.</summary>
internal sealed class GenerateCommand : Command
{
    private readonly Argument<string> _prompt = new("PROMPT") { Description = "The text to continue." };

    private readonly Option<int> _maxTokens = new("--max-tokens")
    {
        Description = "Most tokens to generate.",
        HelpName = "N",
        DefaultValueFactory = _ => 128,
    };

    private readonly Option<bool> _greedy = new("--greedy")
    {
        Description = "Take the likeliest token every time instead of drawing one.",
    };

    private readonly Option<bool> _logDistribution = new("--log-distribution")
    {
        Description = "After the text, list for every token what else the model might have said.",
    };

    private readonly ChatArguments _chat;
    private readonly MixArguments _mix;
    private readonly TraceArguments _output;
    private readonly ModelArguments _model;

    public GenerateCommand()
        : base("generate", "Continue a prompt in tokens, as any runtime does.")
    {
        Arguments.Add(_prompt);
        Options.Add(_maxTokens);
        Options.Add(_greedy);
        Options.Add(_logDistribution);
        _chat = new ChatArguments(this);
        _mix = new MixArguments(this);
        _output = new TraceArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string prompt = CommonOptions.ReadText(parse, _prompt);
        int maxTokens = parse.GetValue(_maxTokens);
        bool asJson = _output.AsJson(parse);
        TokenDecoding strategy = new() { Mix = _mix.Read(parse), Greedy = parse.GetValue(_greedy) };
        List<string> problems = [.. strategy.FindProblems()];
        if (maxTokens < 1)
        {
            problems.Add($"--max-tokens is {maxTokens}; use at least 1.");
        }

        if (problems.Count > 0)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        _output.Check(parse);
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        System.Text.Json.Nodes.JsonObject settings = strategy.Settings;
        settings["maxTokens"] = maxTokens;
        settings["machine"] = _model.Settings(parse);
        settings["chat"] = _chat.Read(parse)?.Settings;
        TraceRecorder recorder = new(
            loaded.Model.Info, prompt, strategy.Name, settings, _output.Seed(parse), loaded.LoadMilliseconds);
        using RunRecord record = _output.Begin(parse, recorder);
        bool begun = false;
        try
        {
            using ConceptSession session = loaded.Model.CreateSession();
            foreach (ThoughtEvent happened in session.Generate(
                prompt, strategy, maxTokens, _output.Seed(parse), _chat.Read(parse), cancellation))
            {
                record.Add(happened);
                string? text = happened is PromptRead ? Opening(parse, prompt) : (happened as AnswerPiece)?.Text;
                if (text is not null && !asJson)
                {
                    Console.Out.Write(Visible.Text(text));
                    begun = true;
                }
            }
        }
        catch (Exception problem)
        {
            if (begun)
            {
                Console.Out.WriteLine(); // what went wrong stands on a line of its own
            }

            _output.SaveUnfinished(parse, record, problem);
            throw;
        }

        if (!asJson)
        {
            Console.Out.WriteLine();
        }

        if (_output.Save(parse, record) is { } trace)
        {
            if (parse.GetValue(_logDistribution))
            {
                TraceTable.WriteSteps(Terminal.Create(), trace);
            }

            Timings.Write(trace);
        }

        return ExitCodes.Done;
    }

    /// <summary>What stands before the first token: the text that goes on, or in a chat nothing.</summary>
    private string Opening(ParseResult parse, string prompt) => _chat.Read(parse) is null ? prompt : "";
}
