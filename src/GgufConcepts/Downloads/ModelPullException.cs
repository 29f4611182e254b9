namespace GgufConcepts.Downloads;

/// <summary>A download failed, through nobody's input: the network, the other side, the disk. The message says what, and
/// whether trying again helps. What had come is kept for the next try, unless it was wrong.</summary>
public sealed class ModelPullException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ModelPullException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
