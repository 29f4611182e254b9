using System.Runtime.InteropServices;
using System.Text;

namespace GgufConcepts.Native;

/// <summary>llama.cpp's chat templates: a fixed list, known by name or recognised by their text. Any thread.</summary>
public static unsafe class LlamaChat
{
    /// <summary>The names of the templates that are known.</summary>
    /// <exception cref="LlamaLibraryException">The native library cannot be loaded.</exception>
    public static IReadOnlyList<string> Names
    {
        get
        {
            LlamaLibrary.EnsureLoaded();
            int count = LlamaNative.llama_chat_builtin_templates(null, 0);
            byte** names = stackalloc byte*[count];
            count = Math.Min(count, LlamaNative.llama_chat_builtin_templates(names, (nuint)count));
            List<string> texts = [];
            for (int i = 0; i < count; i++)
            {
                texts.Add(LlamaLibrary.Text(names[i]));
            }

            return texts;
        }
    }

    /// <summary>Writes messages out as a template has them.</summary>
    /// <param name="template">Its name, or its text as a model carries it.</param>
    /// <param name="messages">Role and content of each; no NUL within.</param>
    /// <param name="addAssistant">Whether the beginning of an answer follows.</param>
    /// <returns>The text; null where llama.cpp does not know the template.</returns>
    /// <exception cref="LlamaLibraryException">The native library cannot be loaded.</exception>
    internal static string? Apply(string template, IReadOnlyList<(string Role, string Content)> messages, bool addAssistant)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(messages);
        LlamaLibrary.EnsureLoaded();
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(template);
        LlamaChatMessage[] chat = new LlamaChatMessage[messages.Count];
        try
        {
            for (int i = 0; i < chat.Length; i++)
            {
                chat[i].role = (byte*)Marshal.StringToCoTaskMemUTF8(messages[i].Role);
                chat[i].content = (byte*)Marshal.StringToCoTaskMemUTF8(messages[i].Content);
            }

            byte[] text = new byte[256 + messages.Sum(message => 64 + 3 * message.Content.Length)];
            int length = Call(text);
            if (length > text.Length)
            {
                text = new byte[length];
                length = Call(text);
            }

            return length < 0 ? null : Encoding.UTF8.GetString(text, 0, length);
        }
        finally
        {
            Marshal.FreeCoTaskMem((nint)name);
            foreach (LlamaChatMessage message in chat)
            {
                Marshal.FreeCoTaskMem((nint)message.role);
                Marshal.FreeCoTaskMem((nint)message.content);
            }
        }

        int Call(byte[] target)
        {
            fixed (LlamaChatMessage* first = chat)
            fixed (byte* buffer = target)
            {
                return LlamaNative.llama_chat_apply_template(
                    name, first, (nuint)chat.Length, addAssistant, buffer, target.Length);
            }
        }
    }
}
