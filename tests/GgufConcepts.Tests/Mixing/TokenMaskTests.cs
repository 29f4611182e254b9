using GgufConcepts.Mixing;

namespace GgufConcepts.Tests.Mixing;

public class TokenMaskTests
{
    [Fact]
    public void Contains_GivenIds_AndNoOthers()
    {
        TokenMask mask = new(130, 0, 63, 64, 129, 64);
        Assert.Equal(4, mask.Count);
        Assert.Equal([0, 63, 64, 129], Enumerable.Range(0, 130).Where(mask.Contains));
    }

    [Fact]
    public void None_AnyToken_IsNotMasked() =>
        Assert.DoesNotContain(true, Enumerable.Range(0, 70).Select(TokenMask.None(70).Contains));

    [Fact]
    public void Constructor_IdOutsideTheVocabulary_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => new TokenMask(5, 5));
        Assert.Throws<ArgumentOutOfRangeException>("ids", () => new TokenMask(5, -1));
        Assert.Throws<ArgumentOutOfRangeException>("size", () => TokenMask.None(0));
    }
}
