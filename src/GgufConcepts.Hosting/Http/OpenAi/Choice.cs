using System.Text;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>One of the answers of a response, as it comes to be.</summary>
/// <param name="index">Which, from 0.</param>
/// <param name="countsPrompt">Whether its prompt's tokens are counted: the first answer to each prompt.</param>
internal sealed class Choice(int index, bool countsPrompt)
{
    private readonly ThoughtWords _words = new();
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thought = new();

    /// <summary>Which, from 0.</summary>
    public int Index => index;

    /// <summary>Whether its prompt's tokens are counted.</summary>
    public bool CountsPrompt => countsPrompt;

    /// <summary>The answer.</summary>
    public string Text => _text.ToString();

    /// <summary>Characters of the answer so far.</summary>
    public int TextLength => _text.Length;

    /// <summary>The thought's words.</summary>
    public string Thought => _thought.ToString();

    /// <summary>How likely each token was, where that was asked for.</summary>
    public List<TokenLogprobs> Logprobs { get; } = [];

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Steps of the thought.</summary>
    public int Steps { get; private set; }

    /// <summary>Tokens of the answer.</summary>
    public int AnswerTokens { get; private set; }

    /// <summary><c>stop</c> or <c>length</c>; null while it goes on.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Adds what happened.</summary>
    /// <returns>What it adds to the thought's words, to the answer and to the log-probabilities.</returns>
    public (string Thought, string Text, TokenLogprobs? Logprobs) Add(ThoughtEvent happened)
    {
        string words = _words.Of(happened);
        _thought.Append(words);
        switch (happened)
        {
            case PromptRead prompt:
                PromptTokens = prompt.Tokens.Count;
                break;
            case ConceptStep { IsMarker: false }:
                Steps++;
                break;
            case AnswerPiece piece:
                AnswerTokens += piece.Token is null ? 0 : 1;
                _text.Append(piece.Text);
                if (piece.Logprobs is { } logprobs)
                {
                    Logprobs.Add(logprobs);
                }

                return (words, piece.Text, piece.Logprobs);
            case ThoughtEnded ended:
                FinishReason = FinishReasons.Of(ended);
                break;
        }

        return (words, "", null);
    }
}
