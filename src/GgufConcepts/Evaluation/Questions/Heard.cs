using System.Text.Json;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Listens to a run for the words in which its answer stands.</summary>
/// <remarks>A model with a marker that ends thoughts answers after it. Without one the words of the thought, each
/// step's token or likeliest token, are the beginning of the answer, as Soft Thinking's own evaluation has it; what a
/// hidden state might say is no word.</remarks>
internal sealed class Heard
{
    private readonly TextAssembler _text;
    private readonly Marker _end;
    private readonly string? _nextQuestion;
    private readonly bool _thoughtCounts;
    private bool _over;
    private bool _cutOff;
    private int _given;
    private int _steps;
    private string _recent = "";

    /// <param name="tokenizer">The model's.</param>
    /// <param name="options">What it thinks with.</param>
    /// <param name="nextQuestion">What begins a question of the model's own; null for nothing.</param>
    public Heard(Tokenizer tokenizer, ThinkOptions options, string? nextQuestion)
    {
        _text = new TextAssembler(tokenizer);
        _end = Marker.Find(tokenizer, options.ThinkEnd, ThinkOptions.UsualEnd);
        _nextQuestion = nextQuestion;
        _thoughtCounts = !_end.Exists && !options.Strategy.NeedsHidden;
    }

    /// <summary>Steps of the thought, without the marker that was given at its end.</summary>
    public int Steps => Math.Max(0, _steps - _given);

    /// <summary>Tokens of the answer.</summary>
    public int AnswerTokens { get; private set; }

    /// <summary>Why the thought stopped; null where the run was left before its end.</summary>
    public string? Stop { get; private set; }

    /// <summary>Why the answer stopped; null where there was none, or the run was left.</summary>
    public string? AnswerStop { get; private set; }

    /// <summary>What was said.</summary>
    public Said Said => new(Cut(_text.Text), _cutOff && !_over);

    /// <summary>Hears what happened; false once the model goes on to a question of its own.</summary>
    public bool Hears(ThoughtEvent happened)
    {
        switch (happened)
        {
            case ConceptStep step:
                _steps++;
                if (_thoughtCounts)
                {
                    Add(step.Chosen?.Id ?? step.Tokens[0].Id);
                }

                break;
            case AnswerPiece { Token: { } token }:
                AnswerTokens++;
                Add(token);
                break;
            case ThoughtEnded end:
                _text.Finish();
                End(end);
                break;
        }

        return !_over;
    }

    private void Add(int token)
    {
        string piece = _text.Add(token);
        if (_nextQuestion is not null)
        {
            string recent = _recent + piece; // not all of it: that would be long work for a long answer
            _over = _over || recent.Contains(_nextQuestion, StringComparison.Ordinal);
            _recent = recent[Math.Max(0, recent.Length - _nextQuestion.Length)..];
        }
    }

    private void End(ThoughtEnded end)
    {
        Stop = Name(end.Reason);
        AnswerStop = end.AnswerReason is { } reason ? Name(reason) : null;
        _given = end.Reason is StopReason.EndOfText or StopReason.ContextFull ? 0
            : end.Reason == StopReason.EndMarker ? 1
            : _end.Tokens.Length;
        StopReason last = end.AnswerReason ?? end.Reason;
        _cutOff = last is StopReason.MaxTokens or StopReason.ContextFull or StopReason.MaxSteps or StopReason.ColdStop;
    }

    private string Cut(string text) =>
        _nextQuestion is not null && text.IndexOf(_nextQuestion, StringComparison.Ordinal) is >= 0 and int at ? text[..at] : text;

    private static string Name(StopReason reason) => JsonNamingPolicy.CamelCase.ConvertName(reason.ToString());
}
