using System.Diagnostics;
using System.Text.Json;
using GgufConcepts.Testing;

namespace GgufConcepts.Hosting.Tests.Http.Security;

/// <summary>A chat template comes with a model's file, and is a program to those who run it (Jinja). Nobody here does: it is
/// compared with those that llama.cpp knows, and that is all.</summary>
public sealed class TemplateTests : IDisposable
{
    private const string Chat = """{"messages":[{"role":"user","content":"a b"}],"temperature":0,"max_tokens":1}""";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Programs =>
    [
        "{{ cycler.__init__.__globals__.os.popen('touch FILE').read() }}",
        "{% for c in ().__class__.__base__.__subclasses__() %}{% if 'Popen' in c.__name__ %}{{ c('touch FILE', shell=True) }}{% endif %}{% endfor %}",
        "{{ lipsum.__globals__['os'].system('touch FILE') }}{{ messages[0].content }}",
        "{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}", // without an end
        "{% include '/etc/passwd' %}{{ 'x' * 10**12 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% if %}{{ unfinished",
        "$(touch FILE) `touch FILE` %n%n%n%s",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Template_ThatIsAProgram_IsRefusedUnrun(string program)
    {
        await using Server server = await StartAsync(program);
        Stopwatch clock = Stopwatch.StartNew();
        RawAnswer answer = await AskAsync(server);
        Assert.Equal(400, answer.Status);
        Assert.Contains("carries is not known to llama.cpp", answer.Error("message"), StringComparison.Ordinal);
        AssertNothingRan(clock);
    }

    /// <summary>One that looks like ChatML is taken for ChatML, whatever else stands in it.</summary>
    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Template_ThatLooksLikeAKnownOne_IsThatOneAndNoMore(string program)
    {
        await using Server plain = await StartAsync("{% for m in messages %}<|im_start|>{{ m.role }}{% endfor %}");
        RawAnswer expected = await AskAsync(plain);
        await using Server server = await StartAsync($"<|im_start|>{program}");
        Stopwatch clock = Stopwatch.StartNew();
        RawAnswer answer = await AskAsync(server);
        Assert.Equal((200, 200), (expected.Status, answer.Status));
        Assert.Equal(Told(expected), Told(answer)); // as many tokens of the prompt, and the same answer to them
        AssertNothingRan(clock);
    }

    private static Task<RawAnswer> AskAsync(Server server) => RawClient.AskAsync(server, "POST /v1/chat/completions", ["Host: localhost"], Chat);

    private static (string, string) Told(RawAnswer answer)
    {
        JsonElement json = JsonElement.Parse(answer.Body);
        return (json.GetProperty("usage").GetRawText(), json.GetProperty("choices").GetRawText());
    }

    private void AssertNothingRan(Stopwatch clock)
    {
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        Assert.Equal(["tiny.gguf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Distinct());
    }

    private Task<Server> StartAsync(string template) => Server.StartAsync(models => models.AddModel("tiny", model => model.Model = TinyModels.Write(
        _folder.File("tiny.gguf"),
        TinyArchitecture.Qwen2,
        new TinyOptions
        {
            Settings = new Dictionary<string, object?>
            {
                ["tokenizer.chat_template"] = template.Replace("FILE", _folder.File("ran"), StringComparison.Ordinal),
            },
        })));
}
