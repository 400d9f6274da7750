using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Inference;
using Grpc.Core;

namespace ComputeShare.Billing.Tests.Nodes;

public sealed class ModelMappingTests
{
    private static readonly ModelMapping Mapping = new("anna", [
        new CatalogueModelRow { Id = "meta/llama-8b", Aliases = ["llama3:8b", "tiny"], Digests = ["sha256:aa"] },
        new CatalogueModelRow { Id = "computeshare/tiny", Aliases = ["tiny-alias", "meta/llama-8b"] },
        new CatalogueModelRow { Id = "anna/own" },
    ]);

    [Theory]
    [InlineData("meta/llama-8b", "", "meta/llama-8b")]
    [InlineData("Llama3:8B", "", "meta/llama-8b")]
    [InlineData("whatever", "sha256:AA", "meta/llama-8b")]
    [InlineData("computeshare/tiny", "sha256:aa", "meta/llama-8b")]
    [InlineData("tiny-alias", "sha256:bb", "computeshare/tiny")]
    public void Map_DigestIdOrAlias_IsTheCataloguesModel(string localName, string digest, string expected) =>
        Assert.Equal(expected, Mapping.Map(new ServedModel { LocalName = localName, Digest = digest }).ModelId);

    [Fact]
    public void Map_UnknownModel_IsReachableByTheHostersNameOnly()
    {
        var mapped = Mapping.Map(new ServedModel { LocalName = "my-finetune" });

        Assert.Equal("anna/my-finetune", mapped.ModelId);
        Assert.Null(mapped.Catalogue);
    }

    [Theory]
    [InlineData("own")]
    [InlineData(" ")]
    public void Map_NameThatWouldPassForAnother_IsRefused(string localName)
    {
        var refused = Assert.Throws<RegistrationException>(() => Mapping.Map(new ServedModel { LocalName = localName }));

        Assert.Equal(StatusCode.InvalidArgument, refused.Status);
    }
}
