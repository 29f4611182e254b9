namespace GgufConcepts.Testing;

/// <summary>Code with a fault that three bytes in their order lead to, for those who look for faults to find.</summary>
public static class PlantedFault
{
    /// <summary>Reads a text.</summary>
    /// <exception cref="IndexOutOfRangeException">It begins with the three bytes.</exception>
    public static int Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > 2 && text[0] == 'f')
        {
            if (text[1] == 0xA5)
            {
                return text[2] == 't' ? text[text.Length] : 2;
            }

            return 1;
        }

        return 0;
    }
}
