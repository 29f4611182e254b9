using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GgufConcepts.Hosting.Running;
using GgufConcepts.Models;
using GgufConcepts.Reading;
using GgufConcepts.Thinking;

namespace GgufConcepts.Hosting.Isolation;

/// <summary>The first thing a model's process hears.</summary>
/// <param name="Version">The host's <see cref="Frame.Version"/>.</param>
/// <param name="Build">Which build of this assembly the host is.</param>
/// <param name="Settings">The model, and how to run it.</param>
/// <param name="MemoryLimit">Bytes of memory of its own that the process may have; null for any.</param>
/// <param name="Logs">Whether llama.cpp's log is to be written to standard error.</param>
internal sealed record LoadMessage(int Version, Guid Build, RunnerSettings Settings, long? MemoryLimit, bool Logs);

/// <summary>What the model is that a process has loaded.</summary>
/// <param name="Info">What it is.</param>
/// <param name="Abilities">What it can do.</param>
internal sealed record LoadedMessage(ModelInfo Info, ModelAbilities Abilities);

/// <summary>A thought to think.</summary>
/// <param name="Prompt">The text to continue.</param>
/// <param name="Settings">How, as <see cref="ThinkSettings"/> reads it.</param>
/// <param name="Logprobs">As <see cref="ThinkOptions.AnswerLogprobs"/>.</param>
/// <param name="Other">As <see cref="ReadOptions.Other"/>.</param>
internal sealed record ThinkMessage(string Prompt, JsonObject Settings, int? Logprobs, OtherMessage? Other);

/// <summary>Another thought's vectors.</summary>
/// <param name="Source">Where they come from.</param>
/// <param name="Vectors">Little-endian 32-bit floats.</param>
internal sealed record OtherMessage(string Source, byte[] Vectors);

/// <summary>Vectors to put into words.</summary>
/// <param name="Vectors">Little-endian 32-bit floats.</param>
/// <param name="Settings">As <see cref="ReadOptions.Settings"/>.</param>
/// <param name="Seed">Of the readings that are drawn.</param>
/// <param name="Other">As <see cref="ReadOptions.Other"/>.</param>
internal sealed record ReadMessage(byte[] Vectors, JsonObject Settings, ulong Seed, OtherMessage? Other);

/// <summary>Steps whose nearest tokens are wanted.</summary>
/// <param name="Steps">The steps, as in a trace.</param>
/// <param name="Count">Tokens a step.</param>
internal sealed record NearestMessage(JsonElement Steps, int Count);

/// <summary>The end of a thought.</summary>
/// <param name="Ended">Why it ended.</param>
/// <param name="Problem">What went wrong; null where nothing did.</param>
internal sealed record EndMessage(ThoughtEnded Ended, ProblemMessage? Problem);

/// <summary>Generated serializers: no reflection, so that the program can be compiled ahead of time.</summary>
[JsonSerializable(typeof(LoadMessage))]
[JsonSerializable(typeof(LoadedMessage))]
[JsonSerializable(typeof(ThinkMessage))]
[JsonSerializable(typeof(ReadMessage))]
[JsonSerializable(typeof(NearestMessage))]
[JsonSerializable(typeof(EndMessage))]
[JsonSerializable(typeof(ProblemMessage))]
[JsonSerializable(typeof(float))]
[JsonSerializable(typeof(PromptRead))]
[JsonSerializable(typeof(ConceptStep))]
[JsonSerializable(typeof(ChunkRead))]
[JsonSerializable(typeof(AnswerPiece))]
[JsonSerializable(typeof(CloseReading))]
[JsonSerializable(typeof(JsonElement))]
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a log-probability may be -infinity
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
internal sealed partial class MessageJson : JsonSerializerContext;
