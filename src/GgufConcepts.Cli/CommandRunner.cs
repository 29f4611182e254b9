using System.CommandLine;
using GgufConcepts.Cli.Commands;
using GgufConcepts.Cli.Output;
using GgufConcepts.Downloads;
using GgufConcepts.Native;
using GgufConcepts.Nats;

namespace GgufConcepts.Cli;

/// <summary>Runs a command line: one clear line on standard error for whatever goes wrong, and its exit code.</summary>
internal static class CommandRunner
{
    private static readonly TimeSpan s_lastWrites = TimeSpan.FromSeconds(10); // a cancelled run still writes what there is of it

    public static async Task<int> RunAsync(Command root, string[] args)
    {
        ParseResult parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // a prompt may begin with @
        if (parse.Errors.Count > 0)
        {
            return Fail(UsageProblem.Describe(parse), ExitCodes.BadInput);
        }

        try
        {
            InvocationConfiguration configuration = new()
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = parse.CommandResult.Command is ServeCommand or WorkerCommand ? null : s_lastWrites, // they hear signals themselves
            };
            return await parse.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Fail("Cancelled.", ExitCodes.Cancelled);
        }
        catch (Exception problem) when (problem is ConceptInputException or LlamaLibraryException)
        {
            return Fail(problem.Message, ExitCodes.BadInput);
        }
        catch (Exception problem) when (problem is ModelPullException or BatchServerException)
        {
            return Fail(problem.Message, ExitCodes.FailedWhileRunning);
        }
        catch (IOException problem)
        {
            return Fail($"Reading or writing failed: {problem.Message}", ExitCodes.FailedWhileRunning);
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            return Fail($"{problem.GetType().Name}: {problem.Message}", ExitCodes.FailedWhileRunning);
        }
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine(Visible.Text(message.ReplaceLineEndings(" "))); // it may quote a file
        return code;
    }
}
