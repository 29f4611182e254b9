using System.Text.Json.Nodes;

namespace GgufConcepts.Strategies;

/// <summary>A rule that makes the next input out of the logits and the hidden state: its name and settings.</summary>
/// <remarks>
/// Immutable and shared; what a run must remember lives in the <see cref="IStrategyRun"/> it starts. A rule knows
/// nothing of the model behind the numbers. To add one: implement the two interfaces in one file, and give a
/// <see cref="StrategyDefinition"/> of it to a <see cref="StrategyCatalog"/> if the command line shall know it.
/// </remarks>
public interface IStrategy
{
    /// <summary>Its name on the command line and in traces: one lower-case word.</summary>
    string Name { get; }

    /// <summary>Whether every step is fed as a vector. False only for plain decoding, which feeds token ids.</summary>
    bool FeedsVectors => true;

    /// <summary>Whether it reads <see cref="StepInput.Hidden"/>.</summary>
    bool NeedsHidden => false;

    /// <summary>All settings, defaults filled in, as they appear in a trace.</summary>
    JsonObject Settings { get; }

    /// <summary>Lists every rule the settings break, in words a user can act on.</summary>
    IReadOnlyList<string> FindProblems();

    /// <summary>Begins a run.</summary>
    /// <exception cref="ConceptInputException">The rule cannot work on this model; says why.</exception>
    IStrategyRun Start(StrategyContext context);
}

/// <summary>One run of a strategy: what it remembers from step to step. One caller at a time.</summary>
public interface IStrategyRun
{
    /// <summary>Decides what to feed next. Allocates nothing.</summary>
    /// <param name="input">What the model said after the last row.</param>
    /// <param name="next">Receives the decision; the same object every step.</param>
    void Choose(in StepInput input, NextInput next);
}
