using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Hosting;
using GgufConcepts.Hosting.Isolation;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>The frames between a host and a model's process, read as either of them does.</summary>
internal sealed class WorkerTarget : FuzzTarget
{
    private static readonly MessageJson s_json = MessageJson.Default;

    private static readonly string[] s_words =
    [
        "\"Prompt\"", "\"Settings\"", "\"Vectors\"", "\"Tokens\"", "\"Kind\"", "\"Ended\"", "\"Problem\"", "\"NaN\"", "null", "-1", "1e999",
    ];

    public override string Name => "worker";

    public override IReadOnlyList<string> Words => s_words;

    public override IMutation Structure { get; } = new BodyMutation(s_words);

    public override IEnumerable<byte[]> MakeSeeds()
    {
        ThinkOptions options = new() { Strategy = new SoftThinking(), Reader = new ReadOptions { Readings = 2 }, AnswerLogprobs = 2 };
        ConceptStep step = new(0, 3, InputKind.Concept, 1.5, [new TokenWeight(5, " a", 0.75f)], new TokenText(5, " a"), [1, 2], 0.5);
        ModelInfo info = new("tiny", "/models/tiny.gguf", "qwen2", "tiny", 2, 8, 1, 16, 16, 32, 64);
        RunnerSettings settings = RunnerSettings.Of("/models/tiny.gguf", 8, null, new ModelOptions());
        TokenLogprobs likely = new(new TokenLogprob(5, " a", [32, 97], -0.5), [new TokenLogprob(6, " b", [32, 98], double.NegativeInfinity)]);
        return
        [
            Seed(FrameKind.Load, new LoadMessage(Frame.Version, Guid.Empty, settings, 1 << 20, true), s_json.LoadMessage),
            Seed(FrameKind.Think, ThinkMessages.Of(new BatchThought("The", options)), s_json.ThinkMessage),
            Seed(FrameKind.Read, ThinkMessages.Of([1, 2], new ReadOptions(), 3), s_json.ReadMessage),
            Seed(FrameKind.FindNearest, new NearestMessage(StepsJson.Write([TraceStep.Of(step)]), 4), s_json.NearestMessage),
            Seed(FrameKind.Loaded, new LoadedMessage(info, new ModelAbilities(true, false)), s_json.LoadedMessage),
            Seed(FrameKind.PromptRead, new PromptRead([1, 2], 0.5) { ThinkEnd = [3] }, s_json.PromptRead),
            Seed(FrameKind.ConceptStep, step, s_json.ConceptStep),
            Seed(FrameKind.ChunkRead, new ChunkRead(0, 2, "a", true, 1) { Close = new CloseReading("a", [5]) }, s_json.ChunkRead),
            Seed(FrameKind.AnswerPiece, new AnswerPiece("a", 5, 0.5) { Logprobs = likely }, s_json.AnswerPiece),
            Seed(FrameKind.ThoughtEnded, new EndMessage(new ThoughtEnded(StopReason.ColdStop), null), s_json.EndMessage),
            Seed(FrameKind.Failed, new ProblemMessage("full", "No room", Numbers: [1, 2, 3]), s_json.ProblemMessage),
            Seed(FrameKind.NearestFound, StepsJson.Write([TraceStep.Of(step)]), s_json.JsonElement),
            Write(new Frame(FrameKind.Cancel, 1, default)),
        ];
    }

    public override void Run(byte[] input)
    {
        try
        {
            using MemoryStream pipe = new(input);
            while (FrameStream.Read(pipe) is { } frame)
            {
                Accepts(() => Take(frame));
            }
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException or JsonException)
        {
            // which ends the process, and that alone
        }
    }

    private static void Take(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Load:
                frame.Read(s_json.LoadMessage).Settings.ToOptions().FindProblems();
                break;
            case FrameKind.Think:
                ThinkMessage asked = frame.Read(s_json.ThinkMessage);
                ThinkMessage again = ThinkMessages.Of(ThinkMessages.ToThought(asked, CancellationToken.None));
                string form = JsonSerializer.Serialize(again, s_json.ThinkMessage);
                again = ThinkMessages.Of(ThinkMessages.ToThought(again, CancellationToken.None));
                Promise(form == JsonSerializer.Serialize(again, s_json.ThinkMessage), "A thought changes on its way.");
                break;
            case FrameKind.Read:
                ThinkMessages.ToReading(frame.Read(s_json.ReadMessage)).Options.FindProblems();
                break;
            case FrameKind.FindNearest:
                TraceJson.ReadSteps(frame.Read(s_json.NearestMessage).Steps, "steps");
                break;
            case FrameKind.Cancel or FrameKind.Alive:
                break;
            case FrameKind.Progress:
                frame.Read(s_json.Single);
                break;
            case FrameKind.Loaded:
                frame.Read(s_json.LoadedMessage);
                break;
            case FrameKind.Failed:
                Promise(frame.Read(s_json.ProblemMessage).ToException() is not null, "A problem is none.");
                break;
            case FrameKind.ThoughtEnded:
                frame.Read(s_json.EndMessage);
                break;
            case FrameKind.ReadingDone:
                frame.Read(s_json.CloseReading);
                break;
            case FrameKind.NearestFound:
                TraceJson.ReadSteps(frame.Read(s_json.JsonElement), "steps");
                break;
            default:
                frame.ReadEvent();
                break;
        }
    }

    private static byte[] Seed<T>(FrameKind kind, T body, JsonTypeInfo<T> form) =>
        Write(new Frame(kind, 1, JsonSerializer.SerializeToUtf8Bytes(body, form)));

    private static byte[] Write(Frame frame)
    {
        using MemoryStream pipe = new();
        FrameStream.Write(pipe, frame);
        return pipe.ToArray();
    }

    /// <summary>Changes the JSON of the first frame, and its length with it.</summary>
    private sealed class BodyMutation(IReadOnlyList<string> words) : IMutation
    {
        private readonly JsonMutation _json = new(words);

        public byte[]? Change(byte[] input, MutationSource source)
        {
            if (input.Length < FrameStream.HeadBytes)
            {
                return null;
            }

            byte[]? body = _json.Change(input[FrameStream.HeadBytes..], source);
            return body is null ? null : [.. BitConverter.GetBytes(body.Length), .. input[sizeof(int)..FrameStream.HeadBytes], .. body];
        }
    }
}
