namespace GgufConcepts.Nats;

/// <summary>The server of a batch cannot be reached, lets nobody in, or cannot do what is needed. The message says which
/// server, what is wrong and what to do.</summary>
/// <param name="message">In one line.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class BatchServerException(string message, Exception? innerException = null) : Exception(message, innerException);
