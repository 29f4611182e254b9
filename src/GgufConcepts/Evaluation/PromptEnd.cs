using GgufConcepts.Models;

namespace GgufConcepts.Evaluation;

/// <summary>What a model made for a task wants at the end of its prompt, as its own file says.</summary>
/// <remarks>Models of one task differ in it: one goes on in words after an arrow, another in hidden states after a
/// marker.</remarks>
internal static class PromptEnd
{
    private const string Key = "ggufconcepts.prompt_end";

    public static string Of(ConceptModel model) => model.Metadata.TryGetString(Key, out string end) ? end : "";
}
