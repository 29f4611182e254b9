using System.Runtime.InteropServices;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>Options on their way to a model's process and back.</summary>
internal static class ThinkMessages
{
    /// <summary>Takes a thought down.</summary>
    /// <exception cref="ConceptInputException">It has settings that are out of range, or a strategy of its own, which is
    /// code: no process gets that.</exception>
    public static ThinkMessage Of(BatchThought thought)
    {
        ThinkOptions options = thought.Options ?? new ThinkOptions();
        if (options.FindProblems() is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        options = options with { Strategy = Known(options) };
        return new ThinkMessage(
            thought.Prompt,
            ThinkSettings.Write(WithoutOther(options)),
            options.AnswerLogprobs,
            Of(options.Reader?.Other));
    }

    /// <summary>The thought.</summary>
    /// <param name="message">What came of it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConceptInputException">It is none.</exception>
    public static BatchThought ToThought(ThinkMessage message, CancellationToken cancellation)
    {
        ThinkOptions options = ThinkSettings.Read(message.Settings);
        return new BatchThought(message.Prompt, options with
        {
            AnswerLogprobs = message.Logprobs,
            Reader = options.Reader is { } reader && message.Other is { } other ? reader with { Other = Of(other) } : options.Reader,
        })
        {
            Cancellation = cancellation,
        };
    }

    /// <summary>Takes a reading's options down.</summary>
    public static ReadMessage Of(float[] vectors, ReadOptions options, ulong seed) =>
        new(Bytes(vectors), (options with { Other = null }).Settings, seed, Of(options.Other));

    /// <summary>The reading's options.</summary>
    /// <exception cref="ConceptInputException">They are none.</exception>
    public static (float[] Vectors, ReadOptions Options) ToReading(ReadMessage message) => (
        Floats(message.Vectors),
        ThinkSettings.ReadReading(new JsonFields(message.Settings)) with { Other = Of(message.Other) });

    /// <summary>A strategy that the process can make again. Without a thought, none is needed.</summary>
    private static IStrategy Known(ThinkOptions options)
    {
        IStrategy strategy = options.Strategy;
        return options.MaxSteps == 0 ? new TokenDecoding { Greedy = true }
            : StrategyCatalog.Standard.Names.Contains(strategy.Name) && strategy.GetType().Assembly == typeof(IStrategy).Assembly
                ? strategy
                : throw new ConceptInputException(
                    $"The strategy '{strategy.Name}' is not one of the library's, and the model runs in a process of its own, " +
                    $"which does not have it; set {nameof(HostedModelSettings.Isolation)} to {ModelIsolation.InProcess}.");
    }

    private static ThinkOptions WithoutOther(ThinkOptions options) => options with
    {
        ChunkLength = options.MaxSteps == 0 ? 0 : options.ChunkLength, // vectors to translate, of which there are none
        Reader = options.Reader is { } reader ? reader with { Other = null } : null,
    };

    private static OtherMessage? Of(OtherThought? other) =>
        other is null ? null : new OtherMessage(other.Source, Bytes(other.Vectors.Span));

    private static OtherThought? Of(OtherMessage? other) =>
        other is null ? null : new OtherThought(other.Source, Floats(other.Vectors));

    private static byte[] Bytes(ReadOnlySpan<float> vectors) => MemoryMarshal.AsBytes(vectors).ToArray();

    private static float[] Floats(byte[] bytes) => bytes.Length % sizeof(float) == 0
        ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
        : throw new ConceptInputException($"The vectors are {bytes.Length} bytes, no multiple of {sizeof(float)}.");
}
