using System.Text.Json.Nodes;
using GgufConcepts.Mixing;

namespace GgufConcepts.Reading;

/// <summary>How the reader is asked to put vectors into words, and how closely it is watched.</summary>
public sealed record ReadOptions
{
    /// <summary>Where the vectors go in a prompt.</summary>
    public const string VectorsSlot = "{vectors}";

    private const int MostReadings = 10_000;
    private const int MostRepeats = 1000;

    /// <summary>The prompt, or the name of a <see cref="ReadTemplate"/>.</summary>
    /// <value>A name, or a text that holds <c>{vectors}</c> once: its words and markers become tokens, the vectors go in
    /// the slot. The default is that of <see cref="ReadTemplate.Meaning"/>.</value>
    public string Prompt { get; init; } = ReadTemplate.Meaning.Prompt;

    /// <summary>Most tokens of a reading, which also ends at a line break.</summary>
    /// <value>1 to 100,000; the default is 32.</value>
    public int MaxTokens { get; init; } = 32;

    /// <summary>Copies of the vector where there is only one to read. SelfIE (arXiv 2403.10949) uses 5.</summary>
    /// <value>1 to 1,000; the default is 1.</value>
    public int Repeat { get; init; } = 1;

    /// <summary>Readings to draw beside the likeliest one, to see how a superposition divides.</summary>
    /// <value>0 to 10,000; the default is 0.</value>
    public int Readings { get; init; }

    /// <summary>Temperature and filters of the drawn readings. The defaults draw what the model believes.</summary>
    public MixOptions Draw { get; init; } = new();

    /// <summary>Whether to measure how far the words follow from the vectors; one more pass over them.</summary>
    public bool Faithfulness { get; init; }

    /// <summary>Whether other vectors are read in the place of these, for comparison; measures faithfulness too.</summary>
    public bool Controls { get; init; }

    /// <summary>Vectors of another thought, to be one of the controls; null for none.</summary>
    public OtherThought? Other { get; init; }

    /// <summary>The prompt as text, also where it was named.</summary>
    public string Text => ReadTemplate.Find(Prompt)?.Prompt ?? Prompt;

    /// <summary>All settings, as they appear in a trace.</summary>
    public JsonObject Settings => new()
    {
        ["prompt"] = Text,
        ["maxTokens"] = MaxTokens,
        ["repeat"] = Repeat,
        ["readings"] = Readings,
        ["draw"] = Draw.ToJson(),
        ["faithfulness"] = Faithfulness || Controls,
        ["controls"] = Controls,
        ["other"] = Other?.Source,
    };

    /// <summary>Lists every rule these values break, in words a user can act on.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        List<string> problems = [];
        if (Text?.Split(VectorsSlot).Length != 2)
        {
            problems.Add(
                $"The reading prompt is '{BriefText.Of(Prompt ?? "")}'; it must hold {VectorsSlot} once, where the vectors go, or be one of " +
                $"{ReadTemplate.Names}.");
        }

        Check("The reading's token limit", MaxTokens, 1, 100_000);
        Check("The number of copies", Repeat, 1, MostRepeats);
        Check("The number of readings", Readings, 0, MostReadings);
        if (Other is { Vectors.Length: 0 })
        {
            problems.Add("The other thought holds no vectors; give some, or leave it out.");
        }

        problems.AddRange(Draw?.FindProblems() ?? ["Draw is null; leave it out for the defaults."]);
        return problems;

        void Check(string name, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                problems.Add($"{name} is {value}; use {least} to {most}.");
            }
        }
    }
}
