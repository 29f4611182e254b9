using System.Text.Json;
using System.Text.Json.Nodes;
using GgufConcepts.Batches;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Fuzz.Mutation;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Files of lines: prompts, questions, and the results that a run goes on with.</summary>
/// <remarks>The input's first byte says which.</remarks>
internal sealed class BatchTarget : FileTarget
{
    private static readonly string[] s_words =
    [
        .. "prompt id concept strategy maxSteps seed chunk reader answer stop temperature index key trace thought error message question answer choices text label answerKey target pattern schema results line right steps soft:maxTopK=4 moi"
            .Split(' ').Select(word => $"\"{word}\""),
    ];

    private static readonly ResultsHeader s_header = new(
        ResultsHeader.Mark, 1, new ResultsModel("tiny", "qwen2", "00", 256), "q.jsonl", "00", "exact", 1,
        [new ResultsStrategy("soft", new JsonObject { ["temperature"] = 1 })]);

    private readonly string _path;
    private readonly string _results;
    private readonly BatchInput _twoPrompts;

    public BatchTarget()
    {
        (_path, _results) = (PathOf("input.jsonl"), PathOf("results.jsonl"));
        File.WriteAllText(PathOf("prompts.jsonl"), "{\"prompt\":\"One\"}\n{\"prompt\":\"Two\"}\n");
        _twoPrompts = BatchInput.Open(PathOf("prompts.jsonl"), new BatchDefaults("tiny"));
    }

    public override string Name => "batch";

    public override IReadOnlyList<string> Words => s_words;

    public override IMutation Structure { get; } = new JsonMutation(s_words);

    public override IEnumerable<byte[]> MakeSeeds() =>
    [
        Bytes("""
            p{"prompt":"The capital of France is","id":"fr","concept":{"strategy":"soft:maxTopK=4","maxSteps":8,"seed":1}}

            {"prompt":"x","id":7,"concept":{"preset":null,"reader":{"prompt":"It is {0} ","readings":2},"answer":{"stop":["\n"],"temperature":0.5}}}
            """),
        Bytes("q{\"question\":\"1+1?\",\"answer\":\"So it is 2\\n#### 2\"}\n"),
        Bytes("q{\"question\":\"Which?\",\"choices\":{\"text\":[\"a\",\"b\"],\"label\":[\"A\",\"B\"]},\"answerKey\":\"B\"}\n"),
        Bytes("q{\"question\":\"Which?\",\"choices\":[\"a\",\"b\"],\"answer\":1}\n{\"question\":\"?\",\"choices\":[\"a\",\"b\"],\"answer\":0}"),
        Bytes("q{\"input\":\"Say it\",\"target\":\"it\"}\n{\"input\":\"Say\",\"pattern\":\"(\\\\d+)\",\"answer\":\"1\"}\n"),
        Bytes($"r{ErrorLine(0)}\n{ErrorLine(1)}\n"),
        Bytes($"r{ErrorLine(1)}\n{ErrorLine(1)}"),
        Bytes("e" + JsonSerializer.Serialize(s_header, s_camelCase) + "\n"
            + "{\"line\":1,\"strategy\":\"soft\",\"right\":true,\"wanted\":[\"2\"],\"steps\":3,\"answerTokens\":2,\"milliseconds\":1.5}\n"),
        .. _twoPrompts is { } prompts ? [(byte[])[(byte)'j', .. prompts.Read(0).ToJson()]] : Array.Empty<byte[]>(),
    ];

    private static readonly JsonSerializerOptions s_camelCase = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public override void Run(byte[] input)
    {
        byte[] content = input.Length == 0 ? input : input[1..];
        switch (input.FirstOrDefault())
        {
            case (byte)'q': ReadQuestions(content); break;
            case (byte)'r': GoOn(content); break;
            case (byte)'e': GoOnWithQuestions(content); break;
            case (byte)'j': ReadJob(content); break;
            default: ReadPrompts(content); break;
        }
    }

    public override void Dispose()
    {
        _twoPrompts.Dispose();
        base.Dispose();
    }

    private void ReadPrompts(byte[] content)
    {
        File.WriteAllBytes(_path, content);
        Accepts(() =>
        {
            using BatchInput input = BatchInput.Open(_path, new BatchDefaults("tiny"));
            for (int i = 0; i < input.Count; i++)
            {
                BatchJob? job = null;
                Promise(Accepts(() => job = input.Read(i)), "A line is a job when the file is opened, and none when it is read.");
                Promise(
                    Accepts(() => job = BatchJob.Read(job!.ToJson())) && job!.Key == input.KeyOf(i), "A job changes when it is written and read.");
            }
        });
    }

    private void ReadQuestions(byte[] content)
    {
        File.WriteAllBytes(_path, content);
        Accepts(() => QuestionFile.Read(_path));
    }

    private static void ReadJob(byte[] content) => Accepts(() =>
    {
        BatchJob job = BatchJob.Read(content);
        Promise(Accepts(() => BatchJob.Read(job.ToJson())), "A job is refused once it is written again.");
    });

    private void GoOn(byte[] content)
    {
        foreach (BatchOptions options in (BatchOptions[])[new(), new() { RedoChanged = true, RetryFailed = true, InOrder = true }])
        {
            File.WriteAllBytes(_results, content);
            int done = 0;
            if (Accepts(() => done = Open(options)))
            {
                Promise(Accepts(() => Promise(Open(options) == done, "Opened again, a file holds another number of results.")), "A file of results is refused once it was opened.");
            }
        }

        int Open(BatchOptions options)
        {
            using Batch batch = Batch.Open(_twoPrompts, _results, options);
            return batch.Done;
        }
    }

    private void GoOnWithQuestions(byte[] content)
    {
        File.WriteAllBytes(_results, content);
        int done = 0;
        if (Accepts(() => done = Open()))
        {
            Promise(Accepts(() => Promise(Open() == done, "Opened again, a file holds another number of results.")), "A file of results is refused once it was opened.");
        }

        int Open()
        {
            using ResultsFile file = ResultsFile.Open(_results, s_header);
            return file.Done.Count;
        }
    }

    private string ErrorLine(int index) => $"{{\"index\":{index},\"key\":\"{_twoPrompts.KeyOf(index)}\",\"error\":{{\"message\":\"x\"}}}}";
}
