using GgufConcepts.Thinking;

namespace GgufConcepts.Models;

/// <summary>How a chat model wants to be spoken to: what stands around a message, with markers as true tokens.</summary>
/// <remarks>
/// The template's own text is searched for markers, the messages never are: whoever writes <c>&lt;|im_end|&gt;</c> in a
/// message has written those ten letters. Immutable; any thread.
/// </remarks>
public sealed class ChatTemplate
{
    /// <summary>The most messages of a chat.</summary>
    public const int MostTurns = 1024;

    private const string TemplateField = "chat.template"; // as ThinkSettings has it
    private const string Key = "tokenizer.chat_template";

    private readonly IModelWeights _weights;
    private readonly string _template;

    private ChatTemplate(IModelWeights weights, string name, string template)
    {
        _weights = weights;
        Name = name;
        _template = template;
    }

    /// <summary>Its name; <c>model</c> where it is the model's own.</summary>
    public string Name { get; }

    /// <summary>The template of a name, or the model's own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">One that llama.cpp knows; null for the template that the model carries.</param>
    /// <exception cref="ChatTemplateException">No template has that name; the model carries none, or one that is not
    /// known.</exception>
    public static ChatTemplate Of(ConceptModel model, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        IModelWeights weights = model.Weights;
        if (name is not null)
        {
            return weights.ChatTemplates.Contains(name)
                ? new ChatTemplate(weights, name, name)
                : throw new ChatTemplateException(
                    $"No chat template '{BriefText.Of(name)}'; use one of {string.Join(", ", weights.ChatTemplates)}.") { Field = TemplateField };
        }

        if (!model.Metadata.TryGetString(Key, out string own) || own.Length == 0)
        {
            throw new ChatTemplateException(
                $"{model.Info.Name} carries no chat template; name one, such as chatml (on the command line --chat-template).") { Field = TemplateField };
        }

        return !IsKnown(weights, own)
            ? throw new ChatTemplateException(
                $"The chat template that {model.Info.Name} carries is not known to llama.cpp; name a known one (on the " +
                $"command line --chat-template): {string.Join(", ", weights.ChatTemplates)}.") { Field = TemplateField }
            : new ChatTemplate(weights, "model", own);
    }

    /// <summary>Whether a model carries a template that can be used.</summary>
    /// <param name="model">The model.</param>
    public static bool IsCarriedBy(ConceptModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Metadata.TryGetString(Key, out string own) && own.Length > 0 && IsKnown(model.Weights, own);
    }

    /// <summary>The tokens of a message and of all that stands around it, up to where the answer begins.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="user">What the user says.</param>
    /// <param name="system">What the system says before; null for nothing.</param>
    /// <exception cref="ConceptInputException">The template has no place for a system message.</exception>
    public int[] Encode(Tokenizer tokenizer, string user, string? system = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        ChatTurn said = new(ChatRole.User, user);
        return Encode(tokenizer, system is null ? [said] : [new ChatTurn(ChatRole.System, system), said]);
    }

    /// <summary>The tokens of a chat and of all that stands around its messages, up to where the answer begins.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="turns">The messages, oldest first; 1 to <see cref="MostTurns"/>.</param>
    /// <exception cref="ConceptInputException">There are too many messages, or the template has no place for one.</exception>
    public int[] Encode(Tokenizer tokenizer, IReadOnlyList<ChatTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(turns);
        if (turns.Count is 0 or > MostTurns)
        {
            throw new ConceptInputException($"The chat has {turns.Count} messages; use 1 to {MostTurns}.") { Field = "chat.history" };
        }

        // The template is applied to stand-ins, and the messages are put where those end up.
        string text = _weights.ApplyChatTemplate(
            _template, [.. turns.Select((turn, i) => (NameOf(turn.Role), Slot(i)))])!; // known, or it would not be here
        int[] places = [.. turns.Select((_, i) => text.IndexOf(Slot(i), StringComparison.Ordinal))];
        if (Array.IndexOf(places, -1) is >= 0 and int lost)
        {
            ChatRole role = turns[lost].Role;
            throw new ConceptInputException(
                $"The chat template '{Name}' has no place for {(role == ChatRole.User ? "a user's" : $"this {NameOf(role)}")} message; " +
                $"use another template{(role == ChatRole.System ? ", or leave the system message out" : "")}.")
            {
                Field = TemplateField,
            };
        }

        List<int> tokens = [];
        int at = 0;
        foreach (int next in Enumerable.Range(0, turns.Count).OrderBy(i => places[i]))
        {
            Add(text[at..places[next]], markers: true);
            Add(turns[next].Text, markers: false);
            at = places[next] + Slot(next).Length;
        }

        Add(text[at..], markers: true);
        return [.. tokens];

        void Add(string part, bool markers)
        {
            int[] ids = tokens.Count == 0
                ? tokenizer.EncodePrompt(part, markers)
                : part.Length == 0 ? [] : tokenizer.EncodeContinuation(part, markers);
            bool twice = tokens.Count == 0 && ids.Length > 1 && ids[0] == ids[1] && tokenizer.IsControl(ids[0]);
            tokens.AddRange(twice ? ids[1..] : ids); // some templates write out the marker that begins a text
        }
    }

    private static bool IsKnown(IModelWeights weights, string template) =>
        !template.Contains('\0') && weights.ApplyChatTemplate(template, [("user", Slot(0))]) is not null;

    /// <summary>What templates call a role.</summary>
    internal static string NameOf(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.Assistant => "assistant",
        _ => "user",
    };

    /// <summary>What stands for a message while the template is applied: private-use letters, which nobody writes.</summary>
    private static string Slot(int message) => $"\uE0F1{(char)('\uE100' + message)}\uE0F1";
}
