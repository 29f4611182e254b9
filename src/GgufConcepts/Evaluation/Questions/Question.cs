using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>One question of a file.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Text">What is asked.</param>
public sealed record Question(int Line, string Text)
{
    /// <summary>Its name in the file, where it has one.</summary>
    public string? Id { get; init; }

    /// <summary>Whether the text is a whole prompt, to be continued as it stands.</summary>
    public bool IsPrompt { get; init; }

    /// <summary>What there is to choose from; empty where nothing is.</summary>
    public IReadOnlyList<Choice> Choices { get; init; } = [];

    /// <summary>What is right: any of these. A number in plain digits, the label of a choice, or a text; empty where a
    /// pattern that matches is right.</summary>
    public IReadOnlyList<string> Accepted { get; init; } = [];

    /// <summary>Finds the answer in what was said; null where something else does.</summary>
    internal Regex? Pattern { get; init; }
}

/// <summary>One of several answers.</summary>
/// <param name="Label">Such as <c>A</c>.</param>
/// <param name="Text">What it stands for.</param>
public sealed record Choice(string Label, string Text);
