namespace GgufConcepts.Hosting.Telemetry;

/// <summary>What a host tells of its models, for <c>AddMeter</c> and <c>AddSource</c> of OpenTelemetry. Never the text of
/// a prompt or an answer.</summary>
/// <remarks>
/// <para>Metrics by the conventions for generative AI: <c>gen_ai.server.request.duration</c>,
/// <c>gen_ai.server.time_to_first_token</c>, <c>gen_ai.server.time_per_output_token</c>, <c>gen_ai.client.token.usage</c>.
/// A concept step counts as a token put out. Metrics of our own: <c>ggufconcepts.concept.steps</c> of a thought,
/// <c>ggufconcepts.concept.entropy</c> of a step (nats), <c>ggufconcepts.concept.stops</c> by reason,
/// <c>ggufconcepts.queue.depth</c> and <c>ggufconcepts.batch.size</c>, requests that wait and that run.</para>
/// <para>A span a request, from when it comes to when it is over: <c>chat</c> and the model's name, <c>think</c> for a
/// thought about a text, <c>text_completion</c> for a text alone.</para>
/// </remarks>
public static class ConceptTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "GgufConcepts";

    /// <summary>What <c>gen_ai.provider.name</c> says.</summary>
    public const string Provider = "ggufconcepts";
}
