using GgufConcepts.Models;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Plain decoding from the end of a timeline on: answers, readings, <c>generate</c>.</summary>
internal sealed class TokenRun(Timeline timeline, Tokenizer tokenizer, TokenDecoding strategy, StrategyContext context)
{
    private readonly IStrategyRun _rule = strategy.Start(context);

    /// <summary>The last choice and the distribution it was made from.</summary>
    public NextInput Next { get; } = new(context.VectorWidth);

    /// <summary>Whether another token fits.</summary>
    public bool HasRoom => timeline.Room > 0;

    /// <summary>Chooses the next token without feeding it; false where that token ends the text.</summary>
    public bool TryChoose()
    {
        _rule.Choose(new StepInput(timeline.Logits, default), Next);
        return !tokenizer.IsEndOfText(Next.Token);
    }

    /// <summary>Makes the chosen token the row that waits.</summary>
    public void Put() => timeline.Put(Next.Token);
}
