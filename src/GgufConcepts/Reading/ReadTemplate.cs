namespace GgufConcepts.Reading;

/// <summary>A reading prompt with a name.</summary>
/// <param name="Name">One lower-case word, to be written where a prompt is asked for.</param>
/// <param name="Prompt">The prompt, with <c>{vectors}</c> once.</param>
/// <param name="Use">What it is for, and where it comes from.</param>
/// <param name="Markers">Tokens the vocabulary must have for it.</param>
public sealed record ReadTemplate(string Name, string Prompt, string Use, params IReadOnlyList<string> Markers)
{
    private const string TurnBegins = "<|im_start|>";
    private const string TurnEnds = "<|im_end|>";

    /// <summary>A sentence for a completion model to finish: the default.</summary>
    public static ReadTemplate Meaning { get; } = new(
        "meaning", "The meaning of ({vectors}) in plain English is", "a sentence for a completion model to finish");

    /// <summary>Few-shot repetition, the one to test a reader with.</summary>
    /// <remarks>Source: Patchscopes, arXiv 2401.06102, its identity prompt with arrows.</remarks>
    public static ReadTemplate Identity { get; } = new(
        "identity",
        "cat -> cat\n1135 -> 1135\nhello -> hello\n{vectors} ->",
        "three repetitions, the fourth to be made (Patchscopes); what --self-test uses");

    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<ReadTemplate> All { get; } =
    [
        Meaning,
        new("english", "What does ({vectors}) mean in English? It means", "the same as a question, also of other languages"),
        Identity,
        new(
            "describe",
            "Syria: Country in the Middle East\nLeonardo DiCaprio: American actor\nSamsung: South Korean multinational major " +
            "appliance and consumer electronics corporation\n{vectors}:",
            "says what a thing is (Patchscopes); for models that know the world"),
        new(
            "chat",
            $"{TurnBegins}user\nWhat is the meaning of ({{vectors}}) in plain English?{TurnEnds}\n{TurnBegins}assistant\n",
            $"the question as a turn between {TurnBegins} and {TurnEnds}, for instruct models that have them",
            TurnBegins,
            TurnEnds),
    ];

    /// <summary>Their names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(template => template.Name));

    /// <summary>The template of a name; null where there is none.</summary>
    public static ReadTemplate? Find(string? name) => All.FirstOrDefault(template => template.Name == name);
}
