namespace GgufConcepts.Evaluation.Questions;

/// <summary>What the questions of a file are like, and so how an answer is found and judged.</summary>
public enum QuestionKind
{
    /// <summary>A calculation whose answer is a number, as in GSM8K.</summary>
    Gsm8k,

    /// <summary>Multiple choice: the answer is a label.</summary>
    Choice,

    /// <summary>The first line said is compared with the answer, normalised as in SQuAD.</summary>
    Exact,

    /// <summary>A regular expression finds the answer, or is itself what must match.</summary>
    Regex,
}
