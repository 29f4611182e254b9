using System.Runtime.CompilerServices;
using GgufConcepts.Hosting.Telemetry;
using GgufConcepts.Models;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;
using Microsoft.Extensions.AI;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;

namespace GgufConcepts.Hosting.Chat;

/// <summary>A model that thinks in vectors as a chat client of Microsoft.Extensions.AI. Any thread; keeps no
/// conversation.</summary>
/// <remarks>
/// <para>There is a thought where one is asked for, with <see cref="ConceptChatOptions.WithConcepts(ChatOptions,
/// ThinkOptions)"/> or an effort in <see cref="ChatOptions.Reasoning"/> (low 32 steps, medium 128, high 512, extra high
/// 2,048); without, the model answers at once. The thought's words come as <see cref="TextReasoningContent"/>, unless
/// <see cref="ReasoningOptions.Output"/> is none, and its steps are counted as reasoning tokens.</para>
/// <para>Temperature, top-p, top-k, the stop sequences and the most tokens are the answer's; the thought has settings of
/// its own. Where none of the first three is set, or the temperature is 0, the answer is the likeliest.</para>
/// <para>A whole response has its <see cref="Trace"/> as <see cref="ChatResponse.RawRepresentation"/>, a part of one its
/// <see cref="ThoughtEvent"/> as <see cref="ChatResponseUpdate.RawRepresentation"/>. A cache keeps neither.</para>
/// </remarks>
public sealed class ConceptChatClient : IChatClient
{
    /// <summary>What <see cref="ChatClientMetadata.ProviderName"/> says, and telemetry.</summary>
    public const string Provider = ConceptTelemetry.Provider;

    private readonly string _name;
    private readonly string? _template;
    private readonly IConceptService? _service;
    private readonly ConceptModel? _own; // where there is no service
    private readonly Func<string, ThinkOptions, CancellationToken, IAsyncEnumerable<ThoughtEvent>> _think;

    /// <summary>A client of a model that a host runs.</summary>
    /// <param name="service">The model.</param>
    /// <param name="chatTemplate">As <see cref="HostedModelSettings.ChatTemplate"/>.</param>
    public ConceptChatClient(IConceptService service, string? chatTemplate = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        (_service, _name, _template) = (service, service.Name, chatTemplate);
        _think = service.ThinkAsync;
    }

    /// <summary>A client of a model without a host: every request has a session of its own, and nothing queues.</summary>
    /// <param name="model">The model, which stays its owner's.</param>
    /// <param name="chatTemplate">As <see cref="HostedModelSettings.ChatTemplate"/>.</param>
    public ConceptChatClient(ConceptModel model, string? chatTemplate = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_own, _name, _template) = (model, model.Info.Name, chatTemplate);
        _think = model.ThinkAsync;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The options or messages hold something that the model cannot do: tools,
    /// JSON, penalties, images, a conversation's id, another model.</exception>
    /// <exception cref="ConceptInputException">The chat does not end with the user, does not fit, or the model has no chat
    /// template; a setting is out of range.</exception>
    /// <exception cref="ConceptQueueFullException">As many requests wait as may.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="HostedModelSettings.Deadline"/>.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatRequest request = Translate(messages, options);
        TraceRecorder? recorder = null;
        List<ChatResponseUpdate> parts = [];
        await foreach (ChatResponseUpdate part in StreamAsync(request, cancellationToken).ConfigureAwait(false))
        {
            recorder ??= new TraceRecorder(
                _own?.Info ?? _service!.Info!, request.Prompt, request.Think.Strategy.Name, request.Think.Settings, request.Think.Seed);
            recorder.Add((ThoughtEvent)part.RawRepresentation!);
            parts.Add(part);
        }

        ChatResponse response = parts.ToChatResponse();
        response.RawRepresentation = recorder?.Build();
        return response;
    }

    /// <inheritdoc/>
    /// <returns>A part for each event of the thought, also for those that say nothing.</returns>
    /// <exception cref="NotSupportedException">As with <see cref="GetResponseAsync"/>, at once.</exception>
    /// <exception cref="ConceptInputException">As with <see cref="GetResponseAsync"/>, at once or when it is asked
    /// for.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Translate(messages, options), cancellationToken);

    /// <inheritdoc/>
    /// <returns>This; <see cref="ChatClientMetadata"/>; the <see cref="IConceptService"/>, where it is a host's; the
    /// <see cref="ConceptModel"/>, where it is loaded in this process.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(Provider, defaultModelId: _name)
            : serviceType == typeof(IConceptService) ? _service
            : serviceType == typeof(ConceptModel) ? FindModel()
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the model is the host's, or its owner's.</summary>
    public void Dispose()
    {
    }

    private ChatRequest Translate(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return ChatRequest.Of(this, _name, _template, messages, options);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ChatUpdates updates = new(_name, request);
        await using IAsyncEnumerator<ThoughtEvent> events =
            _think(request.Prompt, request.Think, cancellation).GetAsyncEnumerator(cancellation);
        while (await MoveAsync(events, request).ConfigureAwait(false))
        {
            yield return updates.Of(events.Current);
        }
    }

    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<ThoughtEvent> events, ChatRequest request)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (ChatTemplateException problem) when (request.Think.Chat is { } chat)
        {
            string settings = $"{nameof(HostedModelSettings)}.{nameof(HostedModelSettings.ChatTemplate)}";
            throw new ConceptInputException(
                (chat.Template is null
                    ? $"{_name} carries no chat template that llama.cpp knows; set {settings} to "
                    : $"There is no chat template '{chat.Template}'; for {_name}, set {settings} to ") +
                $"one that it does, such as chatml, or to {ChatPrompt.NoTemplate}: the messages are then a plain text to continue.",
                problem);
        }
    }

    /// <summary>The model, where it is loaded in this process.</summary>
    private ConceptModel? FindModel()
    {
        try
        {
            return _own ?? _service!.Model;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
