namespace GgufConcepts.Hosting;

/// <summary>How many steps a thought may have, by the words that other programs have for it.</summary>
internal static class ThoughtSteps
{
    /// <summary>The steps of a reasoning effort.</summary>
    /// <exception cref="ConceptInputException">There is no such effort.</exception>
    public static int Of(string effort) => effort switch
    {
        "none" => 0,
        "minimal" => 8,
        "low" => 32,
        "medium" => 128,
        "high" => 512,
        "xhigh" => 2048,
        _ => throw new ConceptInputException(
            $"The reasoning effort is '{Http.HttpProblem.Brief(effort)}'; use none, minimal, low, medium, high or xhigh."),
    };
}
