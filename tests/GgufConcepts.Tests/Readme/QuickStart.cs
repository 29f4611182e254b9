using GgufConcepts.Models;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Readme;

/// <summary>The page of C# in the README: what stands between the marks is printed there word for word.</summary>
public static class QuickStart
{
    /// <param name="path">The model.</param>
    /// <param name="Console">Stands in for the class of that name, so that a test sees what is written.</param>
    /// <param name="cancellation">Stops the run.</param>
    public static async Task RunAsync(string path, TextWriter Console, CancellationToken cancellation)
    {
        // README begins
        using ConceptModel model = await ConceptModel.LoadAsync(path, cancellation: cancellation);

        // The main job: think in vectors, read the thought, answer.
        ThinkOptions options = new() { Strategy = new SoftThinking(), MaxSteps = 16 };
        await foreach (ThoughtEvent happened in model.ThinkAsync("Once upon a time", options, cancellation))
        {
            if (happened is ConceptStep step)
            {
                IEnumerable<string> tokens = step.Tokens.Take(3).Select(token => $"{token.Text} {token.Probability:F2}");
                Console.WriteLine($"entropy {step.Entropy:F2}: {string.Join(", ", tokens)}");
            }
            else if (happened is ChunkRead reading)
            {
                Console.WriteLine($"read as: {reading.Translation}");
            }
            else if (happened is AnswerPiece piece)
            {
                Console.Write(piece.Text);
            }
        }

        // By hand: half of one word and half of another, put into words.
        using ConceptSession session = model.CreateSession();
        int cat = WordVectors.Find(model, "cat", mean: false).Tokens[0];
        int dog = WordVectors.Find(model, "dog", mean: false).Tokens[0];
        float[] vector = new float[session.Embeddings.Width];
        session.Embeddings.Mix([cat, dog], [0.5f, 0.5f], vector);
        Console.WriteLine(session.Read(vector, cancellation: cancellation));

        // Many at once: twenty samples, eight side by side, one decode a step for all of them.
        using ConceptBatch batch = model.CreateBatch(8);
        ThinkOptions drawn = options with { Strategy = new SoftThinking { Noise = MixNoise.Gumbel }, Reader = null };
        string[] answers = new string[20];
        foreach (BatchEvent told in batch.Think(BatchThought.Samples("Once upon a time", 20, drawn), cancellation))
        {
            if (told.Happened is AnswerPiece piece)
            {
                answers[told.Thought] += piece.Text;
            }
        }
        // README ends
    }
}
