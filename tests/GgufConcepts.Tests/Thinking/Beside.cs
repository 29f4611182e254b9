using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

/// <summary>Thoughts beside others, held to what they are alone.</summary>
internal static class Beside
{
    /// <summary>The same events in the same order: words, tokens, places and ends equal, numbers nearly.</summary>
    public static void AssertAsAlone(
        ConceptModel model, IReadOnlyList<BatchThought> thoughts, IEnumerable<BatchEvent> batch, double within = 1e-3)
    {
        ILookup<int, ThoughtEvent> events = batch.ToLookup(happened => happened.Thought, happened => happened.Happened);
        using ConceptSession session = model.CreateSession();
        for (int i = 0; i < thoughts.Count; i++)
        {
            ThoughtEvent[] alone = [.. session.Think(thoughts[i].Prompt, thoughts[i].Options, TestContext.Current.CancellationToken)];
            Assert.Equal(alone.Length, events[i].Count());
            Assert.All(alone.Zip(events[i]), pair => AssertSame(pair.First, pair.Second, within));
        }
    }

    private static void AssertSame(ThoughtEvent alone, ThoughtEvent beside, double within)
    {
        switch (alone, beside)
        {
            case (PromptRead one, PromptRead two):
                Assert.Equal(one.Tokens, two.Tokens);
                Assert.Equal(one.ThinkEnd, two.ThinkEnd);
                break;
            case (ConceptStep one, ConceptStep two):
                Assert.Equal(
                    (one.Index, one.Position, one.Kind, one.Chosen, one.IsMarker),
                    (two.Index, two.Position, two.Kind, two.Chosen, two.IsMarker));
                Assert.Equal(one.Entropy, two.Entropy, within);
                Dictionary<int, float> weights = two.Tokens.ToDictionary(token => token.Id, token => token.Probability);
                Assert.All(one.Tokens, token => Assert.Equal(token.Probability, weights.GetValueOrDefault(token.Id), within));
                Assert.All((one.Vector ?? []).Zip(two.Vector ?? []), pair => Assert.Equal(pair.First, pair.Second, within));
                break;
            case (ChunkRead one, ChunkRead two):
                Assert.Equal(
                    (one.FirstStep, one.StepCount, one.Translation, one.Replaced),
                    (two.FirstStep, two.StepCount, two.Translation, two.Replaced));
                break;
            case (AnswerPiece one, AnswerPiece two):
                Assert.Equal((one.Text, one.Token), (two.Text, two.Token));
                break;
            default:
                Assert.Equal(alone, beside);
                break;
        }
    }
}
