using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class CatalogueCommandTests(BillingFixture fixture)
{
    private readonly AdminConsole _console = new(fixture.Billing.ConnectionString);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_NewModel_IsInTheCatalogueUntilItIsRemoved()
    {
        await _console.OutputOfAsync(
            "catalogue", "add", "meta/added-8b", "--context", "8192", "--rank", "7", "--aliases", "added:8b,added", "--digests", "sha256:ab",
            "--lowest", "0.01/0.001/0.02", "--highest", "1/0.5/2");

        var model = (await CatalogueAsync()).Single(model => model.ModelId == "meta/added-8b");
        Assert.Equal((8192U, 7U, 4U, 3U), (model.ContextLength, model.QualityRank, model.TokensPerMessage, model.TokensPerRequest));
        Assert.Equal(["added:8b", "added"], model.Aliases);
        Assert.Equal((10_000_000L, 500_000_000L), (model.LowestPrice.Input, model.HighestPrice.CachedInput));
        Assert.Contains("0.01/0.001/0.02", await _console.OutputOfAsync("catalogue", "list"), StringComparison.Ordinal);

        await _console.OutputOfAsync("catalogue", "remove", "meta/added-8b");
        Assert.DoesNotContain(await CatalogueAsync(), model => model.ModelId == "meta/added-8b");
        Assert.Equal(1, (await _console.RunAsync("catalogue", "remove", "meta/added-8b")).Code);
    }

    [Theory]
    [InlineData("computeshare/tiny", "computeshare/tiny is in the catalogue already, as a name of computeshare/tiny.")]
    [InlineData("TINY", "TINY is in the catalogue already, as a name of computeshare/tiny.")]
    [InlineData("auto", "auto is no model name")]
    [InlineData("a b", "a b is no model name")]
    public async Task Add_NameThatCannotBe_IsRefused(string name, string reason)
    {
        var answer = await _console.RunAsync("catalogue", "add", name, "--context", "100");

        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_LowestAboveHighest_IsRefused()
    {
        var answer = await _console.RunAsync("catalogue", "add", "odd-prices", "--context", "100", "--lowest", "2/0/0", "--highest", "1/1/1");

        Assert.Equal(new Answer(1, "", "Billing admin: A lowest price is above its highest."), answer);
    }

    [Theory]
    [InlineData("--context", "0")]
    [InlineData("--context", "many")]
    [InlineData("--highest", "1/2")]
    [InlineData("--highest", "1/2/1001")]
    public async Task Add_NumberThatIsNone_IsMisuse(string option, string value)
    {
        string[] context = option == "--context" ? [] : ["--context", "100"];

        Assert.Equal(2, (await _console.RunAsync(["catalogue", "add", "misused", option, value, .. context])).Code);
    }

    private async Task<IEnumerable<Contracts.Billing.CatalogueModel>> CatalogueAsync() =>
        (await fixture.Billing.Services.GetRequiredService<CatalogueReader>().ReadAsync(Token)).Models;
}
