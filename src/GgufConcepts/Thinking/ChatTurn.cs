namespace GgufConcepts.Thinking;

/// <summary>A message of a chat.</summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said; markers within it stay text.</param>
public sealed record ChatTurn(ChatRole Role, string Text);

/// <summary>Who says a message.</summary>
public enum ChatRole
{
    /// <summary>Whoever set the model up.</summary>
    System,

    /// <summary>The one who asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}
