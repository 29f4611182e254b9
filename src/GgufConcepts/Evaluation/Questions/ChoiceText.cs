using System.Text.RegularExpressions;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Finds which choice a text names.</summary>
/// <remarks>
/// In this order: a label at its beginning (<c>B</c>, <c>(B)</c>, <c>B. cats</c>), or a first line that is a choice's
/// text; the last <c>\boxed{B}</c>; a label after the last "answer is"; then, unless a limit cut the text off, the one
/// label in brackets, the one choice whose text occurs, the one label that stands by itself. <c>A</c> and <c>I</c> are
/// words too and count at the beginning only where no other word of the sentence follows.
/// </remarks>
internal sealed class ChoiceText
{
    private readonly IReadOnlyList<Choice> _choices;
    private readonly string _labels;

    public ChoiceText(IReadOnlyList<Choice> choices)
    {
        _choices = choices;
        _labels = string.Join(
            '|', choices.Select(choice => choice.Label).OrderByDescending(label => label.Length).Select(Regex.Escape));
    }

    /// <summary>The label, or why there is none.</summary>
    public (string? Label, AnswerFailure? Failure) Find(Said said)
    {
        string text = said.Text.Trim().Trim('*', '"', '`').TrimStart();
        (string line, bool ended) = AnswerText.FirstLine(said.Text);
        if (IsList(text) || IsList(line))
        {
            return (null, AnswerFailure.SeveralChoices);
        }

        // What is called the answer comes before what merely stands first: a text may begin with a choice it rejects.
        string? label = (AnswerText.LastBoxed(text) is { } box ? AtBeginning(box) ?? WithText(box) : null)
            ?? (AnswerText.AfterAnswerIs(text) is >= 0 and int after
                ? AtBeginning(text[after..].TrimStart('*', '"', ' '))
                : null)
            ?? ((ended || !said.CutOff) && !IsLabel(line) ? WithText(line) : null)
            ?? AtBeginning(line);
        if (label is not null || said.CutOff)
        {
            return (label, label is null ? AnswerFailure.CutOff : null);
        }

        foreach (string[] named in new[] { InBrackets(text), Mentioned(text), ByThemselves(text) })
        {
            if (named.Length > 0)
            {
                return named.Length == 1 ? (named[0], null) : (null, AnswerFailure.SeveralChoices);
            }
        }

        return (null, AnswerFailure.NoChoice);
    }

    /// <summary>Whether it begins with several labels, as in <c>A and C</c> or <c>A, B</c>.</summary>
    private bool IsList(string text) => IsMatch(
        text, $@"^\(?(?:{_labels})\)?\s*(?:,\s*(?:and\s|or\s)?|and\s|or\s|&|/)\s*\(?(?:{_labels})\)?(?![\w'])");

    /// <summary>Whether it is a label and nothing else, though a choice's text may be the same.</summary>
    private bool IsLabel(string line) => IsMatch(line, $@"^\s*[(\[]?(?:{_labels})[)\].]?\s*$");

    private string? AtBeginning(string text)
    {
        Match bracketed = Match(text, $@"^[(\[](?<label>{_labels})[)\]]", RegexOptions.IgnoreCase);
        Match plain = bracketed.Success ? bracketed : Match(
            text,
            $@"^(?:(?:option|choice|Option|Choice)\s+)?\(?(?<label>{_labels})(?!\s+(?:is\s+)?(?:not|wrong|incorrect|false)\b)(?:[.):,;*\]\n\r]|\s*$|\s+(?<word>\S+))",
            RegexOptions.None);
        if (!plain.Success)
        {
            return null;
        }

        string label = plain.Groups["label"].Value;
        bool isWord = label is "A" or "I"
            && plain.Groups["word"] is { Success: true, Value: not ("is" or "because" or "since" or "-" or "=") };
        return isWord ? null : Own(label);
    }

    /// <summary>The choice whose text this is, with its label before it or not.</summary>
    private string? WithText(string line) =>
        Only(_choices.Where(choice => ExactForm.Normalise(choice.Text) == ExactForm.Normalise(line)).Select(choice => choice.Label));

    private string[] InBrackets(string text) => Labels(text, $@"\((?<label>{_labels})\)");

    private string[] ByThemselves(string text) =>
        [.. Labels(text, $@"(?<![\w'.-])(?<!\bnot\s+)(?<label>{_labels})(?![\w'-])").Where(label => label is not ("A" or "I"))];

    /// <summary>The choices whose texts occur; one within a longer one does not count.</summary>
    private string[] Mentioned(string text)
    {
        string said = $" {ExactForm.Normalise(text)} ";
        List<string> found = [];
        foreach (Choice choice in _choices.OrderByDescending(choice => choice.Text.Length))
        {
            string words = $" {ExactForm.Normalise(choice.Text)} ";
            if (said.Contains(words, StringComparison.Ordinal))
            {
                found.Add(choice.Label);
                said = said.Replace(words, " | ", StringComparison.Ordinal);
            }
        }

        return [.. found];
    }

    private string[] Labels(string text, string pattern) =>
        [.. Regex.Matches(text, pattern, RegexOptions.CultureInvariant).Select(match => Own(match.Groups["label"].Value)).Distinct()];

    private string Own(string label) => _choices.First(choice => choice.Label.Equals(label, StringComparison.OrdinalIgnoreCase)).Label;

    private static string? Only(IEnumerable<string> labels) => labels.Take(2).ToArray() is [string only] ? only : null;

    private static bool IsMatch(string text, string pattern) => Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant);

    private static Match Match(string text, string pattern, RegexOptions options) =>
        Regex.Match(text, pattern, options | RegexOptions.CultureInvariant);
}
