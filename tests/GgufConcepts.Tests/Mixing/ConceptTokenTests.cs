using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

public class ConceptTokenTests
{
    [Fact]
    public void Set_AnyOrder_SortsNormalisesAndDropsZeros()
    {
        ConceptToken concept = new();
        concept.Set([9, 4, 7, 2], [1f, 2f, 0f, 1f]);
        Assert.Equal([4, 2, 9], concept.Ids.ToArray());
        Assert.Equal([0.5f, 0.25f, 0.25f], concept.Weights.ToArray());
    }

    [Fact]
    public void Set_OwnIds_Works()
    {
        ConceptToken concept = new();
        concept.Set([1, 2, 3], [3f, 2f, 1f]);
        concept.Set(concept.Ids, [0f, 1f, 3f]);
        Assert.Equal([3, 2], concept.Ids.ToArray());
        Assert.Equal([0.75f, 0.25f], concept.Weights.ToArray());
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(-1f, 2f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void Set_UnusableWeights_Throws(float first, float second) =>
        Assert.Throws<ArgumentException>("weights", () => new ConceptToken().Set([1, 2], [first, second]));

    [Fact]
    public void Set_ShapesDisagreeOrTooMany_Throws()
    {
        Assert.Throws<ArgumentException>("weights", () => new ConceptToken().Set([1, 2], [1f]));
        Assert.Throws<ArgumentException>("weights", () => new ConceptToken().Set(new int[257], new float[257]));
    }

    [Fact]
    public void SetToken_AfterMix_KeepsWhatWasMeasured()
    {
        ConceptToken concept = new();
        new ConceptMixer(TokenMask.None(2)).Mix([0f, 0f], MixOptions.Default, concept);
        concept.SetToken(1);
        Assert.Equal([1], concept.Ids.ToArray());
        Assert.Equal([1f], concept.Weights.ToArray());
        Assert.Equal(Math.Log(2), concept.Entropy, 1e-6);
        Assert.Equal(0, concept.Top);
    }

    [Fact]
    public void CopyFrom_Another_IsIndependentOfIt()
    {
        ConceptToken source = new(), copy = new();
        new ConceptMixer(TokenMask.None(3)).Mix([0f, 2f, 1f], MixOptions.Default, source);
        copy.CopyFrom(source);
        (double entropy, float top) = (source.Entropy, source.TopProbability);
        source.SetToken(0);
        Assert.Equal([1, 2, 0], copy.Ids.ToArray());
        Assert.Equal((entropy, 1, top), (copy.Entropy, copy.Top, copy.TopProbability));
    }
}
