using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

public class MixOptionsTests
{
    [Fact]
    public void FindProblems_Defaults_FindsNone() => Assert.Empty(MixOptions.Default.FindProblems());

    [Fact]
    public void FindProblems_EverythingWrong_ListsEach()
    {
        MixOptions options = new() { Temperature = 0, TopK = -1, TopP = 0, MinP = 1, MaxTopK = 0 };
        Assert.Equal(
            ["Temperature", "TopK", "TopP", "MinP", "MaxTopK"],
            options.FindProblems().Select(problem => problem.Split(' ')[0]));
    }

    [Fact]
    public void FindProblems_NaNAndInfinity_AreProblems()
    {
        Assert.Single(new MixOptions { Temperature = float.NaN }.FindProblems());
        Assert.Single(new MixOptions { Temperature = float.PositiveInfinity }.FindProblems());
        Assert.Single(new MixOptions { Temperature = 1e-39f }.FindProblems()); // 1 / T would overflow
        Assert.Single(new MixOptions { Temperature = 1e38f }.FindProblems());  // the difference of two logits could
        Assert.Single(new MixOptions { TopP = float.NaN }.FindProblems());
        Assert.Single(new MixOptions { MinP = float.NaN }.FindProblems());
        Assert.Single(new MixOptions { MaxTopK = 257 }.FindProblems());
    }
}
