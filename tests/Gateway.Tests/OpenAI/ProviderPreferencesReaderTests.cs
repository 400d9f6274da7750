using System.Text.Json;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Tests.OpenAI;

public sealed class ProviderPreferencesReaderTests
{
    private readonly List<string> _ignored = [];

    [Fact]
    public void Read_Everything_IsWhatWasAskedFor()
    {
        var read = Read("""
            {"order":["a","b"],"only":["a","b","c"],"ignore":["d"],"sort":"latency","max_price":{"prompt":0.05,"completion":"1.25","request":0},
             "quantizations":["fp8","int4"],"require_parameters":true,"allow_fallbacks":false,"data_collection":"allow","zdr":false,"made_up":1}
            """);

        Assert.Equal(
            new ProviderPreferences
            {
                Order = { "a", "b" },
                Only = { "a", "b", "c" },
                Ignore = { "d" },
                Sort = "latency",
                MaxPriceInput = 50_000_000,
                MaxPriceOutput = 1_250_000_000,
                Quantizations = { "fp8", "int4" },
                RequireParameters = true,
                DisallowFallbacks = true,
            },
            read);
        Assert.Equal(["provider.made_up"], _ignored);
    }

    [Fact]
    public void Read_NothingOrNulls_IsNoPreference()
    {
        Assert.Equal(new ProviderPreferences(), Read("{}"));
        Assert.Equal(new ProviderPreferences(), Read("""{"only":null,"max_price":{"prompt":null},"allow_fallbacks":true}"""));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.000000001", 1)]
    [InlineData("1e-9", 1)]
    [InlineData("0.1", 100_000_000)]
    [InlineData("0.2999999999", 299_999_999)]
    [InlineData("1000000", 1_000_000_000_000_000)]
    public void MaxPrice_InDollars_IsExactInNanoDollars(string dollars, long nanoDollars)
    {
        var read = Read("{\"max_price\":{\"prompt\":" + dollars + "}}");

        Assert.Equal((true, nanoDollars, false), (read.HasMaxPriceInput, read.MaxPriceInput, read.HasMaxPriceOutput));
    }

    [Theory]
    [InlineData("[]", "provider")]
    [InlineData("""{"order":"a b","only":[7]}""", "provider.only[0]")]
    [InlineData("""{"ignore":[""]}""", "provider.ignore")]
    [InlineData("""{"sort":"best"}""", "provider.sort")]
    [InlineData("""{"sort":{"by":"price"}}""", "provider.sort")]
    [InlineData("""{"max_price":3}""", "provider.max_price")]
    [InlineData("""{"max_price":{"prompt":-1}}""", "provider.max_price.prompt")]
    [InlineData("""{"max_price":{"completion":"cheap"}}""", "provider.max_price.completion")]
    [InlineData("""{"max_price":{"completion":1e30}}""", "provider.max_price.completion")]
    [InlineData("""{"allow_fallbacks":"no"}""", "provider.allow_fallbacks")]
    [InlineData("""{"data_collection":"deny"}""", "provider.data_collection")]
    [InlineData("""{"zdr":true}""", "provider.zdr")]
    [InlineData("""{"resume":true}""", "provider.resume")]
    public void Read_Wrong_NamesTheField(string provider, string param) =>
        Assert.Equal(param, Assert.Throws<RequestRefusedException>(() => Read(provider)).Error.Param);

    private ProviderPreferences Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return ProviderPreferencesReader.Read(document.RootElement, _ignored.Add);
    }
}
