namespace GgufConcepts.Models;

/// <summary>How a chat model wants to be spoken to: what stands around a message, with markers as true tokens.</summary>
/// <remarks>
/// The template's own text is searched for markers, the messages never are: whoever writes <c>&lt;|im_end|&gt;</c> in a
/// message has written those ten letters. Immutable; any thread.
/// </remarks>
public sealed class ChatTemplate
{
    // Stand-ins for the messages while the template is applied: private-use letters, which nobody writes.
    private const string UserSlot = "\uE0F1\uE0F2\uE0F1";
    private const string SystemSlot = "\uE0F3\uE0F4\uE0F3";
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
    /// <exception cref="ConceptInputException">No template has that name; the model carries none, or one that is not
    /// known.</exception>
    public static ChatTemplate Of(ConceptModel model, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        IModelWeights weights = model.Weights;
        if (name is not null)
        {
            return weights.ChatTemplates.Contains(name)
                ? new ChatTemplate(weights, name, name)
                : throw new ConceptInputException(
                    $"No chat template '{name}'; --chat-template takes one of {string.Join(", ", weights.ChatTemplates)}.");
        }

        if (!model.Metadata.TryGetString(Key, out string own) || own.Length == 0)
        {
            throw new ConceptInputException(
                $"{model.Info.Name} carries no chat template; name one with --chat-template, such as chatml.");
        }

        return own.Contains('\0') || weights.ApplyChatTemplate(own, [("user", UserSlot)]) is null
            ? throw new ConceptInputException(
                $"The chat template that {model.Info.Name} carries is not known to llama.cpp; name a known one with " +
                $"--chat-template: {string.Join(", ", weights.ChatTemplates)}.")
            : new ChatTemplate(weights, "model", own);
    }

    /// <summary>The tokens of a message and of all that stands around it, up to where the answer begins.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="user">What the user says.</param>
    /// <param name="system">What the system says before; null for nothing.</param>
    /// <exception cref="ConceptInputException">The template has no place for a system message.</exception>
    public int[] Encode(Tokenizer tokenizer, string user, string? system = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(user);
        (string, string)[] messages = system is null
            ? [("user", UserSlot)]
            : [("system", SystemSlot), ("user", UserSlot)];
        string text = _weights.ApplyChatTemplate(_template, messages)!; // known, or it would not be here
        if (!text.Contains(UserSlot, StringComparison.Ordinal)
            || (system is not null && !text.Contains(SystemSlot, StringComparison.Ordinal)))
        {
            throw new ConceptInputException(
                $"The chat template '{Name}' has no place for a {(system is null ? "user's" : "system's")} message; " +
                "use another --chat-template, or leave --system out.");
        }

        List<int> tokens = [];
        while (NextSlot(text, system) is var (at, slot, message) && at >= 0)
        {
            Add(text[..at], markers: true);
            Add(message, markers: false);
            text = text[(at + slot.Length)..];
        }

        Add(text, markers: true);
        return [.. tokens];

        void Add(string part, bool markers)
        {
            int[] ids = tokens.Count == 0
                ? tokenizer.EncodePrompt(part, markers)
                : part.Length == 0 ? [] : tokenizer.EncodeContinuation(part, markers);
            bool twice = tokens.Count == 0 && ids.Length > 1 && ids[0] == ids[1] && tokenizer.IsControl(ids[0]);
            tokens.AddRange(twice ? ids[1..] : ids); // some templates write out the marker that begins a text
        }

        (int At, string Slot, string Message) NextSlot(string rest, string? said)
        {
            int userAt = rest.IndexOf(UserSlot, StringComparison.Ordinal);
            int systemAt = said is null ? -1 : rest.IndexOf(SystemSlot, StringComparison.Ordinal);
            return systemAt >= 0 && (userAt < 0 || systemAt < userAt) ? (systemAt, SystemSlot, said!) : (userAt, UserSlot, user);
        }
    }
}
