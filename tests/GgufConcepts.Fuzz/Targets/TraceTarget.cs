using System.Text.Json;
using GgufConcepts.Cli.Output;
using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Tracing;
using Spectre.Console;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Saved traces: the reader, and everything that is made of what it accepts: JSON again, page, pair of pages,
/// table.</summary>
internal sealed class TraceTarget : FileTarget
{
    private readonly string _path;
    private readonly Trace _other = TraceSeeds.Full;
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null),
    });

    public TraceTarget() => _path = PathOf("trace.json");

    public override string Name => "trace";

    public override IReadOnlyList<string> Words => TraceSeeds.Words;

    public override IMutation Structure { get; } = new JsonMutation(TraceSeeds.Words);

    public override IEnumerable<byte[]> MakeSeeds() =>
        [.. TraceSeeds.All.Select(trace => Bytes(TraceJson.Write(trace))), Bytes(JsonSerializer.Serialize(new[] { 1 }))];

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        Trace? trace = null;
        if (Accepts(() => trace = TraceJson.Load(_path)))
        {
            Render(trace!);
        }

        using JsonDocument? document = Parse(input);
        if (document is not null)
        {
            bool same = Accepts(() => TraceJson.Read(document.RootElement, "The body"));
            Promise(same == (trace is not null), "A trace is accepted from a file and not from a document, or the other way round.");
            Accepts(() => TraceJson.ReadSteps(document.RootElement, "steps"));
        }
    }

    private void Render(Trace trace)
    {
        string json = TraceJson.Write(trace);
        using JsonDocument document = JsonDocument.Parse(json);
        Promise(TraceJson.Write(TraceJson.Read(document.RootElement, "A trace")) == json, "A trace changes when it is written and read.");
        switch (json.Length % 4) // one form of each: they take most of the time
        {
            case 0: TraceHtml.Write(trace); break;
            case 1: TraceHtml.Write(trace, _other); break;
            case 2: TraceHtml.Write(_other, trace); break;
            default:
                TraceTable.WriteSteps(_console, trace);
                TraceTable.WriteWords(_console, trace);
                break;
        }
    }

    private static JsonDocument? Parse(byte[] input)
    {
        try
        {
            return JsonDocument.Parse(input);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
