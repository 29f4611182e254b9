using System.Diagnostics;
using System.Text;
using GgufConcepts.Testing;

namespace GgufConcepts.Native.Tests;

public sealed class LastWordsTests
{
    private const int BatchRows = 8;

    [Fact]
    public async Task Abort_MoreRowsThanABatch_SaysTheAssertionAndTheProblemBeforeIt()
    {
        (int code, string error) = await RunAloneAsync(nameof(Child_DecodesMoreRowsThanABatch));

        string line = Assert.Single(error.Split('\n'), line => line.StartsWith(LastWords.Prefix, StringComparison.Ordinal));
        Assert.Matches(@"llama-context\.cpp:\d+: GGML_ASSERT\(.*n_batch.*\) failed \(before that: llama_decode: failed to decode", line);
        Assert.EndsWith(")", line, StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() ? code != 0 : code == 134, $"exit code {code}");
    }

    [Fact]
    public async Task Abort_AnotherThreadHoldsTheConsole_SaysItNevertheless()
    {
        (int code, string error) = await RunAloneAsync(nameof(Child_AbortsWhileTheConsoleIsHeld));

        Assert.Contains($"\n{LastWords.Prefix}", $"\n{error}", StringComparison.Ordinal);
        Assert.NotEqual(0, code);
    }

    [Theory]
    [InlineData("a.cpp:1: GGML_ASSERT(x) failed", null, "a.cpp:1: GGML_ASSERT(x) failed")]
    [InlineData("one\r\ntwo\n", "three\nfour", "one  two (before that: three four)")]
    [InlineData("", "naïve", " (before that: naïve)")]
    public void Compose_AnyText_IsOneLine(string message, string? problem, string expected)
    {
        byte[] line = new byte[256];
        int length = LastWords.Compose(Encoding.UTF8.GetBytes(message), problem, line);
        Assert.Equal(LastWords.Prefix + expected + "\n", Encoding.UTF8.GetString(line, 0, length));
    }

    [Fact]
    public void Compose_TextsThatDoNotFit_AreCutAndTheLineEnds()
    {
        for (int room = 1; room < 200; room++)
        {
            byte[] line = new byte[room];
            int length = LastWords.Compose(new byte[100], new string('é', 50), line);
            Assert.InRange(length, 1, room);
            Assert.Equal((byte)'\n', line[length - 1]);
            Assert.DoesNotContain((byte)'\n', line[..(length - 1)]);
        }
    }

    // These two end the process they run in: only a test above names them, in a process of their own.
    [Fact(Explicit = true)]
    public void Child_DecodesMoreRowsThanABatch() => DecodeTooMuch();

    [Fact(Explicit = true)]
    public void Child_AbortsWhileTheConsoleIsHeld()
    {
        using ManualResetEventSlim held = new();
        new Thread(() =>
        {
            lock (Console.Error)
            {
                held.Set();
                Thread.Sleep(Timeout.Infinite);
            }
        }) { IsBackground = true }.Start();
        held.Wait(TestContext.Current.CancellationToken);
        DecodeTooMuch();
    }

    private static unsafe void DecodeTooMuch()
    {
        using LlamaModel model = LlamaModel.Load(
            [TinyModels.Path(TinyArchitecture.Qwen2)], default, progress: null, CancellationToken.None);
        LlamaContextParams parameters = LlamaNative.llama_context_default_params();
        (parameters.n_ctx, parameters.n_batch, parameters.n_ubatch, parameters.n_threads) = (64, BatchRows, BatchRows, 1);
        using ContextHandle context = ContextHandle.Create(model.Handle, parameters);
        int* tokens = stackalloc int[BatchRows + 1];
        tokens[0] = int.MaxValue;
        DecodeStatus refused = LlamaNative.llama_decode(context, new LlamaBatch { n_tokens = 1, token = tokens }); // and logs why
        Assert.NotEqual(DecodeStatus.Done, refused);
        tokens[0] = 0;
        LlamaNative.llama_decode(context, new LlamaBatch { n_tokens = BatchRows + 1, token = tokens });
    }

    private static async Task<(int Code, string Error)> RunAloneAsync(string test)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new(
            Environment.ProcessPath!, ["-explicit", "only", "-method", $"{typeof(LastWordsTests).FullName}.{test}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        await output;
        return (process.ExitCode, await error);
    }
}
