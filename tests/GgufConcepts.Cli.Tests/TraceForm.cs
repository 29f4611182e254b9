using System.Text.Json;

namespace GgufConcepts.Cli.Tests;

/// <summary>Holds a trace to its published form.</summary>
internal static class TraceForm
{
    public static void Check(JsonElement trace, string strategy)
    {
        Assert.Equal(1, trace.GetProperty("schema").GetInt32());
        JsonElement model = trace.GetProperty("model");
        int vocabulary = model.GetProperty("vocabularySize").GetInt32();
        foreach (string name in new[] { "name", "path", "architecture" })
        {
            Assert.NotEqual("", model.GetProperty(name).GetString());
        }

        Assert.True(model.GetProperty("embeddingLength").GetInt32() > 0);
        Assert.NotNull(trace.GetProperty("prompt").GetString());
        Assert.All(
            trace.GetProperty("promptTokens").EnumerateArray(), id => Assert.InRange(id.GetInt32(), 0, vocabulary - 1));
        Assert.Equal(strategy, trace.GetProperty("strategy").GetString());
        Assert.Equal(JsonValueKind.Object, trace.GetProperty("settings").ValueKind);
        Assert.True(trace.GetProperty("seed").TryGetUInt64(out _));
        Assert.NotNull(trace.GetProperty("answer").GetString());
        Assert.Matches("^[a-z][A-Za-z]+$", trace.GetProperty("stop").GetString());
        foreach (string name in new[] { "loadMs", "promptMs", "stepsMs", "readMs", "answerMs", "stepsPerSecond" })
        {
            Assert.True(trace.GetProperty("timings").GetProperty(name).GetDouble() >= 0, name);
        }

        int index = 0;
        foreach (JsonElement step in trace.GetProperty("steps").EnumerateArray())
        {
            Assert.Equal(index++, step.GetProperty("index").GetInt32());
            CheckStep(step, vocabulary);
        }

        foreach (JsonElement chunk in trace.GetProperty("chunks").EnumerateArray())
        {
            int first = chunk.GetProperty("firstStep").GetInt32();
            Assert.InRange(first + chunk.GetProperty("stepCount").GetInt32(), first + 1, index);
            Assert.NotNull(chunk.GetProperty("translation").GetString());
        }
    }

    private static void CheckStep(JsonElement step, int vocabulary)
    {
        string kind = step.GetProperty("kind").GetString()!;
        Assert.Contains(kind, new[] { "concept", "token", "hidden" });
        Assert.Equal(kind == "token", step.TryGetProperty("chosen", out _));
        Assert.Equal(kind == "hidden", step.TryGetProperty("vector", out _));
        Assert.True(step.GetProperty("position").GetInt32() >= 0);
        Assert.True(step.GetProperty("milliseconds").GetDouble() >= 0);
        Assert.InRange(step.GetProperty("entropy").GetDouble(), 0, Math.Log(vocabulary) + 1e-6);
        double[] weights = [.. step.GetProperty("tokens").EnumerateArray().Select(
            token => token.GetProperty("probability").GetDouble())];
        Assert.InRange(weights.Sum(), 1 - 1e-4, 1 + 1e-4);
        Assert.Equal(weights.OrderDescending(), weights);
        foreach (JsonElement token in step.GetProperty("tokens").EnumerateArray())
        {
            Assert.InRange(token.GetProperty("id").GetInt32(), 0, vocabulary - 1);
            Assert.NotNull(token.GetProperty("text").GetString());
        }

        if (step.TryGetProperty("nearest", out JsonElement nearest))
        {
            Assert.All(
                nearest.EnumerateArray(), near => Assert.InRange(near.GetProperty("cosine").GetDouble(), -1.0001, 1.0001));
        }
    }
}
