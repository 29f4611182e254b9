using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>Something that happened in a run, in the order it happened.</summary>
public abstract record ThoughtEvent;

/// <summary>The prompt is read.</summary>
/// <param name="Tokens">Its ids.</param>
/// <param name="Milliseconds">The time that took.</param>
public sealed record PromptRead(IReadOnlyList<int> Tokens, double Milliseconds) : ThoughtEvent
{
    /// <summary>Tokens of the marker that ends the thought: the one asked for, or the model's own; null where no thought
    /// follows.</summary>
    public IReadOnlyList<int>? ThinkEnd { get; init; }
}

/// <summary>One step: what the model might have said, and what was fed instead.</summary>
/// <param name="Index">Number of the step, from 0.</param>
/// <param name="Position">The row it became in the writer's sequence.</param>
/// <param name="Kind">A mixture, one token, or a hidden state.</param>
/// <param name="Entropy">Of the whole vocabulary after temperature, before any filter; in nats.</param>
/// <param name="Tokens">The tokens mixed with their weights, which sum to 1, largest first; the likeliest ones where
/// nothing was mixed.</param>
/// <param name="Chosen">The token fed, or drawn and fed within a mixture, where there was one.</param>
/// <param name="Vector">What was fed where the tokens listed cannot make it again: hidden states, noise, mixtures of more
/// tokens than a list holds.</param>
/// <param name="Milliseconds">From the logits to the next logits.</param>
public sealed record ConceptStep(
    int Index,
    int Position,
    InputKind Kind,
    double Entropy,
    IReadOnlyList<TokenWeight> Tokens,
    TokenText? Chosen,
    float[]? Vector,
    double Milliseconds) : ThoughtEvent
{
    /// <summary>Whether it is no step of the thought but a token of the marker that ends it.</summary>
    public bool IsMarker { get; init; }

    /// <summary>The characters that its token made whole, where the thought is one of tokens; else empty.</summary>
    public string Words { get; init; } = "";

    /// <summary>Takes down what a step decided, before its buffer is used again.</summary>
    internal static ConceptStep Of(NextInput next, int index, int position, double milliseconds, Tokenizer tokenizer)
    {
        TokenWeight[] tokens = new TokenWeight[next.Concept.Count];
        for (int i = 0; i < tokens.Length; i++)
        {
            int id = next.Concept.Ids[i];
            tokens[i] = new TokenWeight(id, tokenizer.Text(id), next.Concept.Weights[i]);
        }

        return new ConceptStep(
            index,
            position,
            next.Kind,
            next.Concept.Entropy,
            tokens,
            Text(next.Kind == InputKind.Token ? next.Token : next.Chosen, tokenizer),
            next.FeedsVector ? next.Vector.ToArray() : null,
            milliseconds);
    }

    private static TokenText? Text(int id, Tokenizer tokenizer) => id < 0 ? null : new TokenText(id, tokenizer.Text(id));
}

/// <summary>The reader put a run of vectors into words.</summary>
/// <param name="FirstStep">Index of the first step.</param>
/// <param name="StepCount">How many steps.</param>
/// <param name="Translation">The reader's words.</param>
/// <param name="Replaced">Whether the words took the place of the vectors, as in a dialogue they do where they
/// fit.</param>
/// <param name="Milliseconds">The time that took.</param>
public sealed record ChunkRead(
    int FirstStep, int StepCount, string Translation, bool Replaced, double Milliseconds) : ThoughtEvent
{
    /// <summary>The reading with all that was asked beside its words; null in an event made without one.</summary>
    public CloseReading? Close { get; init; }
}

/// <summary>A piece of the answer, as it comes.</summary>
/// <param name="Text">Whole characters; may be empty, also where it may be the beginning of a stop text: it then comes
/// with a later piece.</param>
/// <param name="Token">The token; null for the rest of a character that never became whole.</param>
/// <param name="Milliseconds">The time its token took.</param>
public sealed record AnswerPiece(string Text, int? Token, double Milliseconds) : ThoughtEvent
{
    /// <summary>How likely the token was, and what else was; null where that was not asked for.</summary>
    public TokenLogprobs? Logprobs { get; init; }
}

/// <summary>The run is over.</summary>
/// <param name="Reason">Why the thought stopped.</param>
/// <param name="AnswerReason">Why the answer stopped; null where there was none.</param>
public sealed record ThoughtEnded(StopReason Reason, StopReason? AnswerReason = null) : ThoughtEvent;

/// <summary>A token and its text.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text, markers written out.</param>
public readonly record struct TokenText(int Id, string Text);

/// <summary>A token and its share.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text, markers written out.</param>
/// <param name="Probability">Its weight, 0 to 1.</param>
public readonly record struct TokenWeight(int Id, string Text, float Probability);

/// <summary>Why a thought, or an answer, stopped.</summary>
public enum StopReason
{
    /// <summary>The entropy stayed low: Cold Stop.</summary>
    ColdStop,

    /// <summary>The model itself would have said the marker that ends a thought.</summary>
    EndMarker,

    /// <summary>The model itself would have ended the text.</summary>
    EndOfText,

    /// <summary>The limit on steps.</summary>
    MaxSteps,

    /// <summary>The limit on the answer's tokens.</summary>
    MaxTokens,

    /// <summary>One of the texts that end the answer.</summary>
    StopText,

    /// <summary>The strategy itself ended the thought.</summary>
    Strategy,

    /// <summary>The context is full.</summary>
    ContextFull,

    /// <summary>Someone cancelled the run; the trace ends where it was.</summary>
    Cancelled,

    /// <summary>Something went wrong; the trace ends where it was.</summary>
    Failed,
}
