using System.Text;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation;

/// <summary>A run from its beginning to its end, as far as a task looks at it.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Reading">What the reader said.</param>
/// <param name="Answer">What was said after the thought, token by token.</param>
internal sealed record Thought(IReadOnlyList<ConceptStep> Steps, string Reading, IReadOnlyList<string> Answer)
{
    /// <summary>The steps in words: the token each fed, or the likeliest one.</summary>
    public IReadOnlyList<string> Words => [.. Steps.Select(Word)];

    /// <summary>One step in words.</summary>
    public static string Word(ConceptStep step) => step.Chosen?.Text ?? step.Tokens[0].Text;

    /// <summary>Runs it.</summary>
    public static Thought Of(IEnumerable<ThoughtEvent> run)
    {
        List<ConceptStep> steps = [];
        StringBuilder reading = new();
        List<string> answer = [];
        foreach (ThoughtEvent happened in run)
        {
            switch (happened)
            {
                case ConceptStep step:
                    steps.Add(step);
                    break;
                case ChunkRead chunk:
                    reading.Append(chunk.Translation);
                    break;
                case AnswerPiece piece:
                    answer.Add(piece.Text);
                    break;
            }
        }

        return new Thought(steps, reading.ToString(), answer);
    }
}
