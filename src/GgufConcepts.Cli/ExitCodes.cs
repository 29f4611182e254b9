namespace GgufConcepts.Cli;

/// <summary>What the program's exit code means; scripts rely on it.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int FailedWhileRunning = 1;
    public const int BadInput = 2;
    public const int Cancelled = 130; // 128 + SIGINT, as shells count
}
