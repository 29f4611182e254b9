using System.Text.Json;
using GgufConcepts.Thinking;
using Microsoft.AspNetCore.Http;

namespace GgufConcepts.Hosting.Http.OpenAi;

/// <summary>The form of one kind of response: how a choice is written whole, and piece by piece.</summary>
internal abstract class Generation
{
    /// <summary>What the identifier begins with.</summary>
    protected abstract string Prefix { get; }

    /// <summary>The response's kind.</summary>
    protected abstract string Kind { get; }

    /// <summary>The kind of a piece.</summary>
    protected abstract string PieceKind { get; }

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(
        HttpContext context,
        IConceptService service,
        HostedModelSettings settings,
        GenerationRequest request,
        IReadOnlyList<AskedThought> thoughts)
    {
        if (thoughts.Count > settings.QueueLength) // they would not all get in, however often they came
        {
            throw HttpProblem.Invalid(
                "n", $"{thoughts.Count} answers are asked for at once; {service.Name} lets {settings.QueueLength} wait, so ask for no more.");
        }

        if (thoughts.Count > RequestCaps.Sequences)
        {
            throw HttpProblem.Invalid(
                "n", $"{thoughts.Count} answers are asked for at once, n to each text; ask for at most {RequestCaps.Sequences}.");
        }

        Choice[] choices = [.. thoughts.Select((_, i) => new Choice(i, i % request.Choices == 0))];
        ResponseWriter writer = new(Prefix, service.Name);
        IAsyncEnumerable<ChoiceEvent> events = ManyThoughts.RunAsync(service, thoughts, context.RequestAborted);
        if (!request.Streams)
        {
            await foreach (ChoiceEvent told in events.ConfigureAwait(false))
            {
                choices[told.Index].Add(told.Happened);
            }

            await JsonBody.WriteAsync(context, json => writer.Write(json, Kind, body => WriteAll(body, choices), choices)).ConfigureAwait(false);
            return;
        }

        EventStream stream = new(context);
        Exception? broken = await stream.PassAsync(events, told => SendAsync(choices[told.Index], told.Happened)).ConfigureAwait(false);
        if (broken is not null)
        {
            await stream.SendAsync(null, GgufConceptsEndpoints.Describe(context, broken).Write).ConfigureAwait(false);
            return;
        }

        if (request.WantsUsage)
        {
            await stream.SendAsync(null, json => writer.Write(json, PieceKind, _ => { }, choices)).ConfigureAwait(false);
        }

        await stream.SendTextAsync("[DONE]").ConfigureAwait(false);

        async Task SendAsync(Choice choice, ThoughtEvent happened)
        {
            (string thought, string text, TokenLogprobs? logprobs) = choice.Add(happened);
            foreach (Action<Utf8JsonWriter> piece in Pieces(choice, happened, thought, text, logprobs))
            {
                await stream.SendAsync(null, json => writer.Write(json, PieceKind, piece, usage: null)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes a choice that is complete.</summary>
    protected abstract void Write(Utf8JsonWriter json, Choice choice);

    /// <summary>The pieces that an event is.</summary>
    protected abstract IEnumerable<Action<Utf8JsonWriter>> Pieces(
        Choice choice, ThoughtEvent happened, string thought, string text, TokenLogprobs? logprobs);

    private void WriteAll(Utf8JsonWriter json, Choice[] choices)
    {
        foreach (Choice choice in choices)
        {
            Write(json, choice);
        }
    }
}
