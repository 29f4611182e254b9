using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tracing;

/// <summary>The record of a run, as it is written to JSON: what was asked, every step, what was read, the
/// answer.</summary>
/// <remarks>camelCase, UTF-8. Entropies are in nats, times in milliseconds. Fields that do not apply are left
/// out.</remarks>
public sealed record Trace
{
    /// <summary>The version of this form that is written and read.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The version of the form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The model.</summary>
    public required TraceModel Model { get; init; }

    /// <summary>The prompt as it was given.</summary>
    public required string Prompt { get; init; }

    /// <summary>Its tokens: with a chat template and the marker that begins a thought, where there are such.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Tokens of the marker that ends the thought, as they were found; left out where no thought follows the
    /// prompt.</summary>
    public IReadOnlyList<int>? ThinkEndTokens { get; init; }

    /// <summary>The strategy's name.</summary>
    public required string Strategy { get; init; }

    /// <summary>Every setting, defaults filled in.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>The seed of everything random.</summary>
    public ulong Seed { get; init; }

    /// <summary>The steps of the thought.</summary>
    public required IReadOnlyList<TraceStep> Steps { get; init; }

    /// <summary>The reader's translations.</summary>
    public required IReadOnlyList<TraceChunk> Chunks { get; init; }

    /// <summary>The answer.</summary>
    public string Answer { get; init => field = value ?? ""; } = ""; // the serializer sets what is left out to null

    /// <summary>The answer's tokens.</summary>
    public IReadOnlyList<int>? AnswerTokens { get; init; }

    /// <summary>Why the answer stopped: <c>endOfText</c>, <c>maxTokens</c>, <c>contextFull</c>; left out where there was
    /// none.</summary>
    public string? AnswerStop { get; init; }

    /// <summary>Why the thought stopped: <c>coldStop</c>, <c>endOfText</c>, <c>maxSteps</c>, ...</summary>
    public required string Stop { get; init; }

    /// <summary>How long it took.</summary>
    public required TraceTimings Timings { get; init; }
}

/// <summary>The model of a trace.</summary>
/// <param name="Name">Its own name.</param>
/// <param name="Path">Its file.</param>
/// <param name="Architecture">llama.cpp's name of the architecture.</param>
/// <param name="EmbeddingLength">Numbers in one embedding row.</param>
/// <param name="VocabularySize">Tokens.</param>
public sealed record TraceModel(string Name, string Path, string Architecture, int EmbeddingLength, int VocabularySize)
{
    /// <summary>Positions a sequence could hold in this run.</summary>
    public int? ContextLength { get; init; }

    /// <summary>What a trace says of a model.</summary>
    public static TraceModel Of(ModelInfo model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new TraceModel(model.Name, model.Path, model.Architecture, model.EmbeddingLength, model.VocabularySize)
        {
            ContextLength = model.ContextLength,
        };
    }
}

/// <summary>One step of a trace.</summary>
public sealed record TraceStep
{
    /// <summary>Number of the step, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The row it became in the writer's sequence.</summary>
    public required int Position { get; init; }

    /// <summary><c>concept</c>, <c>token</c> or <c>hidden</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>In nats, over the whole vocabulary, after temperature and before any filter.</summary>
    public required double Entropy { get; init; }

    /// <summary>The tokens mixed, weights summing to 1, largest first. Where nothing was mixed, or more tokens than are
    /// listed, the likeliest, their weights renormalised over those listed.</summary>
    public required IReadOnlyList<TraceToken> Tokens { get; init; }

    /// <summary>The token fed, or drawn and fed within a mixture, where there was one.</summary>
    public TraceChosen? Chosen { get; init; }

    /// <summary>Whether it is no step of the thought but a token of the marker that ends it; left out where it is a
    /// step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Marker { get; init; }

    /// <summary>The tokens nearest to the vector by cosine, where they were asked for.</summary>
    public IReadOnlyList<TraceNearest>? Nearest { get; init; }

    /// <summary>The vector fed, where <see cref="Tokens"/> cannot make it again (hidden states, noise): little-endian
    /// 32-bit floats.</summary>
    public byte[]? Vector { get; init; }

    /// <summary>From logits to the next logits.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>What a trace says of a step.</summary>
    public static TraceStep Of(ConceptStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new TraceStep
        {
            Index = step.Index,
            Position = step.Position,
            Kind = TraceRecorder.NameOf(step.Kind),
            Entropy = step.Entropy,
            Tokens = [.. step.Tokens.Select(token => new TraceToken(token.Id, token.Text, token.Probability))],
            Chosen = step.Chosen is { } chosen ? new TraceChosen(chosen.Id, chosen.Text) : null,
            Vector = step.Vector is { } vector ? MemoryMarshal.AsBytes(vector.AsSpan()).ToArray() : null,
            Marker = step.IsMarker,
            Milliseconds = TraceRecorder.Round(step.Milliseconds),
        };
    }
}

/// <summary>A token and its weight in a step.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text.</param>
/// <param name="Probability">Its weight, 0 to 1.</param>
public sealed record TraceToken(int Id, string Text, float Probability);

/// <summary>The token a step fed.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text.</param>
public sealed record TraceChosen(int Id, string Text);

/// <summary>A token near a step's vector.</summary>
/// <param name="Id">The token.</param>
/// <param name="Text">Its text.</param>
/// <param name="Cosine">Cosine of its row and the vector, -1 to 1.</param>
public sealed record TraceNearest(int Id, string Text, float Cosine);

/// <summary>One translation of the reader.</summary>
/// <param name="FirstStep">Index of the first step read.</param>
/// <param name="StepCount">How many steps.</param>
/// <param name="Translation">The reader's words.</param>
/// <param name="Replaced">Whether the words took the place of the vectors; left out where they did not.</param>
public sealed record TraceChunk(
    int FirstStep,
    int StepCount,
    string Translation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Replaced = false)
{
    /// <summary>How far the words follow from the vectors, where that was asked for.</summary>
    public Faithfulness? Faithfulness { get; init; }

    /// <summary>The readings drawn, alike ones together, where some were asked for.</summary>
    public IReadOnlyList<ReadingGroup>? Readings { get; init; }

    /// <summary>What was read in the place of these vectors, where that was asked for.</summary>
    public IReadOnlyList<ControlReading>? Controls { get; init; }

    /// <summary>What a trace says of a reading.</summary>
    /// <param name="firstStep">Index of the first step read.</param>
    /// <param name="stepCount">How many steps.</param>
    /// <param name="translation">The reader's words.</param>
    /// <param name="close">What else was asked of the reader.</param>
    /// <param name="replaced">Whether the words took the place of the vectors.</param>
    public static TraceChunk Of(
        int firstStep, int stepCount, string translation, CloseReading? close, bool replaced = false)
    {
        ArgumentNullException.ThrowIfNull(translation);
        return new(firstStep, stepCount, translation, replaced)
        {
            Faithfulness = close?.Faithfulness, Readings = close?.Readings, Controls = close?.Controls,
        };
    }

    /// <summary>What a trace says of a reading.</summary>
    public static TraceChunk Of(ChunkRead chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        return Of(chunk.FirstStep, chunk.StepCount, chunk.Translation, chunk.Close, chunk.Replaced);
    }
}

/// <summary>How long the parts of a run took; milliseconds and rates.</summary>
public sealed record TraceTimings
{
    /// <summary>Loading the model.</summary>
    public double LoadMs { get; init; }

    /// <summary>Feeding the prompt.</summary>
    public double PromptMs { get; init; }

    /// <summary>All steps.</summary>
    public double StepsMs { get; init; }

    /// <summary>All readings.</summary>
    public double ReadMs { get; init; }

    /// <summary>The answer.</summary>
    public double AnswerMs { get; init; }

    /// <summary>Steps by the second.</summary>
    public double StepsPerSecond { get; init; }
}
