using System.CommandLine;
using System.Globalization;
using GgufConcepts.Cli.Arguments;
using GgufConcepts.Cli.Output;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Cli.Commands;

/// <summary><c>think PROMPT</c>: the writer thinks in vectors, the reader translates, the model answers.</summary>
internal sealed class ThinkCommand : Command
{
    private readonly Argument<string> _prompt = new("PROMPT") { Description = "The text to think about." };

    private readonly Option<int> _nearest = new("--nearest")
    {
        Description = "Tokens to list that are nearest to each vector; 0 for none.",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    private readonly ThinkArguments _think;
    private readonly TraceArguments _output;
    private readonly ModelArguments _model;

    public ThinkCommand()
        : base("think", "Think about a prompt in vectors, read the thought in words, answer.")
    {
        Arguments.Add(_prompt);
        _think = new ThinkArguments(this, _nearest);
        _output = new TraceArguments(this);
        _model = new ModelArguments(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellation)
    {
        string prompt = CommonOptions.ReadText(parse, _prompt);
        ThinkOptions options = _think.Read(parse, _output.Seed(parse));
        int nearest = parse.GetValue(_nearest);
        if (nearest is < 0 or > 100)
        {
            throw new ConceptInputException($"--nearest is {nearest}; use 0 to 100.");
        }

        _output.Check(parse); // refused now rather than after the thought
        using LoadedModel loaded = await _model.OpenAsync(parse, cancellation);
        using ConceptSession session = loaded.Model.CreateSession();
        if (options is { Reader: { } reader, Strategy.FeedsVectors: true })
        {
            reader = _think.Reading.WithOther(reader, parse, loaded.Model, session, options.MaxSteps, prompt, cancellation);
            options = options with { Reader = reader };
        }

        NoteSpelledMarkers(loaded.Model.Tokenizer, options);
        System.Text.Json.Nodes.JsonObject settings = options.Settings;
        settings["preset"] = _think.PresetName(parse);
        settings["machine"] = _model.Settings(parse);
        TraceRecorder recorder = new(
            loaded.Model.Info, prompt, options.Strategy.Name, settings, options.Seed, loaded.LoadMilliseconds);
        using RunRecord record = _output.Begin(parse, recorder, nearest > 0 && options.Strategy.FeedsVectors
            ? steps => TraceNeighbors.Add(steps, loaded.Model, session, nearest, cancellation)
            : null);
        try
        {
            using ProgressLine progress = new();
            foreach (ThoughtEvent happened in session.Think(prompt, options, cancellation))
            {
                record.Add(happened);
                if (happened is ConceptStep step)
                {
                    progress.Show(string.Create(
                        CultureInfo.InvariantCulture, $"step {step.Index + 1} of {options.MaxSteps}, entropy {step.Entropy:F2}"));
                }
            }

            record.Complete();
        }
        catch (Exception problem)
        {
            _output.SaveUnfinished(parse, record, problem);
            throw;
        }

        if (_output.Save(parse, record) is { } trace)
        {
            IAnsiConsole console = Terminal.Create();
            TraceTable.WriteSteps(console, trace);
            TraceTable.WriteWords(console, trace);
            Timings.Write(trace);
        }

        return ExitCodes.Done;
    }

    /// <summary>Says so where a marker is no token of its own in this vocabulary: it will be spelled out.</summary>
    private static void NoteSpelledMarkers(Tokenizer tokenizer, ThinkOptions options)
    {
        foreach (string marker in new[] { options.ThinkStart, options.ThinkEnd }.OfType<string>())
        {
            int count = tokenizer.EncodeContinuation(marker, markers: true).Length;
            if (marker.StartsWith('<') && marker.EndsWith('>') && count > 1)
            {
                Console.Error.WriteLine($"note: this vocabulary has no token {marker}; it is spelled out in {count} tokens.");
            }
        }
    }
}
