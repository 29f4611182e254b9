using GgufConcepts.Strategies;

namespace GgufConcepts.Tests.Strategies;

/// <summary>What the random rules draw, by chi-square: at most the value that one in 1,000 exceeds.</summary>
public sealed class RandomRuleTests
{
    private const int Draws = 20_000;
    private const double Limit3 = 16.27; // 3 degrees of freedom

    private static readonly double[] s_shares = [0.5, 0.3, 0.15, 0.05];
    private static readonly float[] s_logits = [.. s_shares.Select(share => (float)Math.Log(share))];
    private static readonly FakeSpace s_space = FakeSpace.Random(4, 3, seed: 1);

    [Theory]
    [InlineData("token")]
    [InlineData("moi")]
    [InlineData("selective:tau=1,k=4")]
    [InlineData("router:tau=1")]
    public void Choose_ManySteps_DrawByProbability(string spec)
    {
        int[] counts = new int[4];
        Run(spec, next => counts[next.Chosen]++);
        Assert.InRange(Choices.ChiSquare(counts, s_shares), 0, Limit3);
    }

    [Fact]
    public void Choose_SwitchInTokenMode_DrawsByProbability()
    {
        IStrategyRun run = StrategyCatalog.Standard.Make(new StrategySpec("switch")).Start(Choices.Context(s_space, 4, 9));
        NextInput next = new(3);
        run.Choose(new StepInput(new float[4], default), next); // unsure: the reference is ln 4
        Assert.Equal(InputKind.Concept, next.Kind);
        run.Choose(new StepInput(s_logits, default), next); // surer: back to tokens, by a last mixture
        Assert.Equal(InputKind.Concept, next.Kind);
        int[] counts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            run.Choose(new StepInput(s_logits, default), next); // not above the new reference
            counts[next.Token]++;
        }

        Assert.InRange(Choices.ChiSquare(counts, s_shares), 0, Limit3);
    }

    [Fact]
    public void Choose_Multi_DrawsEveryTokenByProbability()
    {
        int[] counts = new int[4];
        Run("multi:k=5", next =>
        {
            for (int i = 0; i < next.Concept.Count; i++)
            {
                counts[next.Concept.Ids[i]] += (int)MathF.Round(next.Concept.Weights[i] * 5);
            }
        });
        Assert.Equal(5 * Draws, counts.Sum());
        Assert.InRange(Choices.ChiSquare(counts, s_shares), 0, Limit3);
    }

    [Fact]
    public void Choose_Noise_IsNormalWithTheStatedDeviation()
    {
        NextInput full = Choices.Choose(new FullMixture(), s_space, s_logits);
        float[] mean = Choices.Vector(full, s_space);
        double deviation = 0.33 * s_space.RootMeanSquare;
        int[] counts = new int[4];
        double[] quartiles = [-0.674490, 0, 0.674490]; // of the normal distribution
        Run("noise", next =>
        {
            for (int j = 0; j < mean.Length; j++)
            {
                double z = (next.Vector[j] - mean[j]) / deviation;
                counts[quartiles.Count(bound => z > bound)]++;
            }
        });
        Assert.InRange(Choices.ChiSquare(counts, [0.25, 0.25, 0.25, 0.25]), 0, Limit3);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("soft:noise=gumbel")]
    [InlineData("soft:noise=dirichlet")]
    [InlineData("multi")]
    [InlineData("moi")]
    [InlineData("selective:tau=1")]
    [InlineData("router")]
    [InlineData("noise")]
    public void Choose_SameSeed_DecidesTheSame_OtherSeedOtherwise(string spec)
    {
        Assert.Equal(Trail(1), Trail(1));
        Assert.NotEqual(Trail(1), Trail(2));

        string Trail(ulong seed)
        {
            IStrategyRun run = StrategyCatalog.Standard.Make(StrategySpec.ParseList(spec)[0])
                .Start(Choices.Context(s_space, 4, seed));
            NextInput next = new(3);
            List<string> trail = [];
            for (int i = 0; i < 50; i++)
            {
                run.Choose(new StepInput(s_logits, default), next);
                trail.Add(string.Join(' ', Choices.Vector(next, s_space)));
            }

            return string.Join('\n', trail);
        }
    }

    [Fact]
    public void Choose_SwitchAfterItsLastReturn_EndsTheThought()
    {
        IStrategyRun run = new SwitchThinking { Window = 0, MaxSwitches = 1 }.Start(
            Choices.Context(s_space, 4) with { MaxSteps = 10, ThinkEnd = [2] });
        NextInput next = new(3);
        run.Choose(new StepInput(new float[4], default), next);
        Assert.Equal(4, next.Concept.Count);
        Assert.Equal(0.25f, next.Concept.Weights[0], 1e-6f); // the first step leans to no marker
        run.Choose(new StepInput(s_logits, default), next);

        // b = .7 + .3 x 1/10: the mixture's share in the first step of the return; the marker's token 2 has the rest.
        float[] weights = new float[4];
        for (int i = 0; i < 4; i++)
        {
            weights[next.Concept.Ids[i]] = next.Concept.Weights[i];
        }

        Choices.AssertClose([0.73 * 0.5, 0.73 * 0.3, 0.73 * 0.15 + 0.27, 0.73 * 0.05], weights);
        Assert.False(next.Ends);
        run.Choose(new StepInput(s_logits, default), next);
        Assert.True(next.Ends);
    }

    private static void Run(string spec, Action<NextInput> look)
    {
        IStrategyRun run = StrategyCatalog.Standard.Make(StrategySpec.ParseList(spec)[0])
            .Start(Choices.Context(s_space, 4, seed: 11));
        NextInput next = new(3);
        for (int i = 0; i < Draws; i++)
        {
            run.Choose(new StepInput(s_logits, default), next);
            look(next);
        }
    }
}
