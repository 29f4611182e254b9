namespace GgufConcepts.Hosting;

/// <summary>The process that ran a model ended, hung or said something that makes no sense: what it was asked is
/// lost.</summary>
/// <param name="message">Which model, how it ended, and what llama.cpp said last.</param>
public sealed class ModelWorkerException(string message) : Exception(message)
{
    /// <summary>Whether there was no process at all: no fault of the model.</summary>
    internal bool NeverBegan { get; init; }
}
