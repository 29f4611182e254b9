namespace GgufConcepts.Cli.Output;

/// <summary>Sentences on standard error, while a line there may show how far the work is.</summary>
/// <param name="line">The line; whoever shows it locks it.</param>
internal sealed class Notices(ProgressLine line) : IProgress<string>
{
    /// <inheritdoc/>
    public void Report(string value)
    {
        lock (line)
        {
            line.Note(value);
        }
    }
}
