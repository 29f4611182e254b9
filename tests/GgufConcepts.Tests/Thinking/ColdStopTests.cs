using System.Text.Json;
using GgufConcepts.Thinking;

namespace GgufConcepts.Tests.Thinking;

public sealed class ColdStopTests
{
    [Fact]
    public void Fires_GoldenEntropies_AtTheGoldenStep()
    {
        using JsonDocument golden = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "golden.json")));
        JsonElement expected = golden.RootElement.GetProperty("cold_stop");
        double[] entropies = [.. expected.GetProperty("entropies").EnumerateArray().Select(value => value.GetDouble())];
        ColdStop rule = new()
        {
            Entropy = expected.GetProperty("tau").GetDouble(),
            Patience = expected.GetProperty("k").GetInt32(),
        };
        Assert.Equal(expected.GetProperty("fires_at_step_index").GetInt32(), FirstFire(rule, entropies));
    }

    [Theory]
    [InlineData(0, 1, -1)]   // off, even where the entropy is 0
    [InlineData(0.5, 1, 1)]  // 0.5 itself is not below it
    [InlineData(0.5, 2, 2)]
    [InlineData(0.5, 3, 6)]  // the count begins anew after 0.9
    [InlineData(0.5, 4, -1)]
    [InlineData(0.1, 1, 2)]
    public void Fires_Rule_CountsStepsBelowInARow(double entropy, int patience, int expected)
    {
        ColdStop rule = new() { Entropy = entropy, Patience = patience };
        Assert.Equal(expected, FirstFire(rule, [0.5, 0.1, 0, 0.9, 0.2, 0.2, 0.2]));
    }

    private static int FirstFire(ColdStop rule, double[] entropies)
    {
        ColdStop.Counter counter = new(rule);
        for (int i = 0; i < entropies.Length; i++)
        {
            if (counter.Fires(entropies[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
