namespace GgufConcepts.Reading;

/// <summary>The vectors of a thought about something else, to be read as a control.</summary>
/// <param name="Source">Where they come from: a file, or a prompt.</param>
/// <param name="Vectors">Shape [count, vector width]; read in turn, again from the first where they are too few.</param>
public sealed record OtherThought(string Source, ReadOnlyMemory<float> Vectors);
