using System.Buffers;
using System.Text;

namespace GgufConcepts.Tracing.Html;

/// <summary>A text that can never become markup, whoever wrote it.</summary>
internal sealed class HtmlText(string text) : HtmlContent
{
    private const char Pictures = '\u2400'; // ␀, the first of the pictures of control characters
    private const char Replacement = '\uFFFD';

    public override void WriteTo(TextWriter writer) => Write(text, writer);

    /// <summary>Writes a text, or the value of an attribute in double quotes.</summary>
    /// <remarks>Characters that XML forbids are replaced: control characters by their pictures (␀, ␛), those that
    /// have none and halves of a pair by U+FFFD. A carriage return is one of them: a parser would drop it.</remarks>
    public static void Write(ReadOnlySpan<char> text, TextWriter writer)
    {
        while (!text.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf16(text, out Rune rune, out int used);
            int code = status == OperationStatus.Done ? rune.Value : Replacement;
            switch (code)
            {
                case '&':
                    writer.Write("&amp;");
                    break;
                case '<':
                    writer.Write("&lt;");
                    break;
                case '>':
                    writer.Write("&gt;");
                    break;
                case '"':
                    writer.Write("&quot;");
                    break;
                case '\n' or '\t':
                    writer.Write((char)code);
                    break;
                case < ' ':
                    writer.Write((char)(Pictures + code));
                    break;
                case 0x7F:
                    writer.Write('\u2421');
                    break;
                case >= 0x80 and < 0xA0 or Replacement or 0xFFFE or 0xFFFF:
                    writer.Write(Replacement);
                    break;
                default:
                    writer.Write(text[..used]);
                    break;
            }

            text = text[used..];
        }
    }
}
