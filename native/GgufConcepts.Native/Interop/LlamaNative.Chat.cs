using System.Runtime.InteropServices;

namespace GgufConcepts.Native;

/// <summary>llama.h: chat templates.</summary>
internal static unsafe partial class LlamaNative
{
    // int32_t llama_chat_apply_template(const char * tmpl, const struct llama_chat_message * chat, size_t n_msg,
    //                                   bool add_ass, char * buf, int32_t length);
    // The template is known by its text or by a name. Returns the bytes needed, or -1 for an unknown template.
    [LibraryImport(Library)]
    internal static partial int llama_chat_apply_template(
        byte* tmpl, LlamaChatMessage* chat, nuint n_msg, NativeBool add_ass, byte* buf, int length);

    // int32_t llama_chat_builtin_templates(const char ** output, size_t len);
    // Returns how many there are.
    [LibraryImport(Library)]
    internal static partial int llama_chat_builtin_templates(byte** output, nuint len);
}
