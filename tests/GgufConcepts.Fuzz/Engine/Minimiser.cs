namespace GgufConcepts.Fuzz.Engine;

/// <summary>Makes the input of a finding shorter, as long as the finding stays the same.</summary>
internal static class Minimiser
{
    private const int MostRuns = 2000;

    /// <summary>Takes out parts, large ones first.</summary>
    public static Finding Shrink(Finding finding, Guard guard)
    {
        if (finding.Details.Length == 0)
        {
            return finding; // too slow or too large: many more runs of it
        }

        int runs = 0;
        for (int length = Math.Max(1, finding.Input.Length / 2); length > 0; length /= 2)
        {
            for (int at = 0; at < finding.Input.Length && runs < MostRuns; runs++)
            {
                byte[] input = finding.Input;
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(at + length, input.Length))];
                if (guard.Run(shorter) is { } same && same.Place == finding.Place)
                {
                    finding = same;
                }
                else
                {
                    at += length;
                }
            }
        }

        return finding;
    }
}
