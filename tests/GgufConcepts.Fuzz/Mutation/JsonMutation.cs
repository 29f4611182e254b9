using System.Text;

namespace GgufConcepts.Fuzz.Mutation;

/// <summary>Changes of JSON, one document or one a line: values replaced, moved, taken out, put in twice.</summary>
/// <param name="words">Names and values to put in, as JSON.</param>
internal sealed class JsonMutation(IReadOnlyList<string> words) : IMutation
{
    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "-1", "1", "-0", "0.5", "1e999", "-1e999", "1.7e308", "-1.7e308", "3e38", "1e-999", "NaN", "2147483647", "2147483648",
        "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "0.1e1", "1.0", "1E2", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u200f\"", "\"<script>\"", "\"1\"",
        "\"AAAA\"", "\"AAAAgD8=\"", "[]", "{}", "[null]", "[[]]", "{\"\":null}", "{\"\\ud800\":1}", "[1,2]", "[\"a\"]",
    ];

    private readonly string[] _words = [.. words];

    /// <inheritdoc/>
    public byte[]? Change(byte[] input, MutationSource source)
    {
        List<Range> values = FindValues(input);
        if (values.Count == 0)
        {
            return null;
        }

        Random random = source.Random;
        Range value = source.Pick(values);
        Range other = source.Pick(values);
        int end = value.End.Value;
        return random.Next(8) switch
        {
            0 or 1 => ByteMutation.Replace(input, value, Encoding.UTF8.GetBytes(source.Pick(s_values))),
            2 when _words.Length > 0 => ByteMutation.Replace(input, value, Encoding.UTF8.GetBytes(source.Pick(_words))),
            3 => ByteMutation.Replace(input, value, input.AsSpan(other)),
            4 => ByteMutation.Replace(input, end..end, [(byte)',', .. input.AsSpan(value)]),
            5 when _words.Length > 0 => ByteMutation.Replace(
                input, end..end, Encoding.UTF8.GetBytes($",{source.Pick(_words)}:{source.Pick(s_values)}")),
            6 => ByteMutation.Replace(input, value.Start.Value..AfterComma(input, end), []),
            _ => ByteMutation.Replace(input, value, Nested(input.AsSpan(value), 1 << random.Next(8), random.Next(2) == 0)),
        };
    }

    private static byte[] Nested(ReadOnlySpan<byte> value, int depth, bool inObject)
    {
        string open = inObject ? "{\"a\":" : "[";
        return
        [
            .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, depth))), .. value,
            .. Enumerable.Repeat((byte)(inObject ? '}' : ']'), depth),
        ];
    }

    private static int AfterComma(byte[] input, int end) => end < input.Length && input[end] is (byte)',' or (byte)':' ? end + 1 : end;

    /// <summary>Names, texts, numbers and literals, and lists and objects as wholes; broken JSON has those that are
    /// left.</summary>
    private static List<Range> FindValues(byte[] input)
    {
        List<Range> values = [];
        Stack<int> open = new();
        for (int i = 0; i < input.Length;)
        {
            int start = i;
            switch (input[i++])
            {
                case (byte)'"':
                    while (i < input.Length && input[i] != '"')
                    {
                        i += input[i] == '\\' ? 2 : 1;
                    }

                    i = Math.Min(i + 1, input.Length);
                    values.Add(start..i);
                    break;
                case (byte)'{' or (byte)'[':
                    open.Push(start);
                    break;
                case (byte)'}' or (byte)']' when open.TryPop(out int begin):
                    values.Add(begin..i);
                    break;
                case var letter when char.IsAsciiLetterOrDigit((char)letter) || letter == '-':
                    while (i < input.Length && (char.IsAsciiLetterOrDigit((char)input[i]) || input[i] is (byte)'.' or (byte)'+' or (byte)'-'))
                    {
                        i++;
                    }

                    values.Add(start..i);
                    break;
            }
        }

        return values;
    }
}
