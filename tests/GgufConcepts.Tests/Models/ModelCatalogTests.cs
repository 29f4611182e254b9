using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Models;

public sealed class ModelCatalogTests
{
    [Fact]
    public void Resolve_AName_IsTheFileBesideTheCatalog() => Assert.Equal(
        CommittedModels.Path("mnns-continuous.gguf"), ModelCatalog.Find().Resolve("mnns-continuous"));

    [Fact]
    public void Resolve_Nothing_IsTheFirstModel()
    {
        ModelCatalog catalog = ModelCatalog.Find();

        Assert.Equal(CommittedModels.Path(catalog.Entries[0].File), catalog.Resolve(null));
    }

    [Fact]
    public void Resolve_APath_IsThatPath() => Assert.Equal("some/where.gguf", ModelCatalog.Find().Resolve("some/where.gguf"));
}
