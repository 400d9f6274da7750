using ComputeShare.Contracts;
using ComputeShare.HosterNode.Joining;
using ComputeShare.HosterNode.Tests.Engines.OpenAI;
using Spectre.Console;

namespace ComputeShare.HosterNode.Tests.Joining;

/// <summary>Joining up to the settings, against an engine and a marketplace that stand in for real ones, on real ports.</summary>
[Trait("Category", "Integration")]
public sealed class JoinerTests : IAsyncLifetime
{
    private readonly StringWriter _said = new();
    private FakeMarketplace _marketplace = null!;
    private FakeEngine _engine = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JoinWishes Wishes => new() { Gateway = _marketplace.Address, Key = _marketplace.Key };

    public async ValueTask InitializeAsync()
    {
        _marketplace = await FakeMarketplace.StartAsync();
        _engine = await FakeEngine.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _marketplace.DisposeAsync();
        await _engine.DisposeAsync();
        await _said.DisposeAsync();
    }

    [Fact]
    public async Task Join_NothingButGatewayAndKey_FindsMeasuresAsksTheMarketAndOffers()
    {
        _marketplace.Market = Market(offers: 3, input: "0.04", cached: "0.004", output: "0.16");

        var settings = (await JoinAsync(Wishes))!;

        Assert.Equal($"http://127.0.0.1:{_engine.Port}", settings.Engine);
        Assert.Equal(new OfferedModel("computeshare/tiny", 40_000_000, 4_000_000, 160_000_000), Assert.Single(settings.Models));
        Assert.InRange(settings.Slots, 1, 2);
        Assert.Matches("^[a-z0-9-]+-[0-9a-f]{6}$", settings.Id);
        Assert.True(settings.OwnerFirst);
        var said = _said.ToString();
        Assert.Contains("knows you as gpu-farm", said, StringComparison.Ordinal);
        Assert.Contains("llama.cpp b6000-abc", said, StringComparison.Ordinal);
        Assert.Contains("middle of 3 offers", said, StringComparison.Ordinal);
        Assert.Contains("first token after", said, StringComparison.Ordinal);
        Assert.DoesNotContain(_marketplace.Key, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_NobodyOffersTheModel_ProposesAFirstGuess()
    {
        var settings = (await JoinAsync(Wishes))!;

        Assert.Equal(new OfferedModel("computeshare/tiny", 50_000_000, 5_000_000, 200_000_000), Assert.Single(settings.Models));
        Assert.Contains("a first guess", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_WithWishes_TakesThem()
    {
        var wishes = Wishes with { Id = "mine", Engine = $"http://127.0.0.1:{_engine.Port}/v1", Input = 1_000, Output = 3_000, Slots = 1, OwnerFirst = false };

        var settings = (await JoinAsync(wishes))!;

        Assert.Equal(("mine", 1, false), (settings.Id, settings.Slots, settings.OwnerFirst));
        Assert.Equal(new OfferedModel("computeshare/tiny", 1_000, 100, 3_000), Assert.Single(settings.Models));
    }

    [Fact]
    public async Task Join_Again_KeepsWhatIsNotSaidAnew()
    {
        var first = (await JoinAsync(Wishes with { Id = "mine" }))!;

        var again = (await JoinAsync(new JoinWishes { Slots = 1 }, first))!;

        Assert.Equal((first.Gateway, first.HosterKey, "mine", first.Engine, 1), (again.Gateway, again.HosterKey, again.Id, again.Engine, again.Slots));
    }

    [Fact]
    public async Task Join_TheBuiltInEngine_MeasuresItToo()
    {
        var settings = (await JoinAsync(Wishes with { Engine = JoinWishes.BuiltIn, Slots = 1 }))!;

        Assert.Equal("", settings.Engine);
        Assert.Equal("computeshare/tiny", Assert.Single(settings.Models).Name);
        Assert.Contains("tokens/s alone", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_NobodyCanBeAskedAndNobodySaidYes_NamesTheOption() => await FailsAsync("--yes", Wishes, saysYes: false);

    [Fact]
    public async Task Join_WithoutAKey_NamesTheOptionAndTheVariable() =>
        Assert.Contains("COMPUTESHARE_HOSTER_KEY", await FailsAsync("--key", Wishes with { Key = null }), StringComparison.Ordinal);

    [Fact]
    public async Task Join_AKeyThatTheGatewayDoesNotKnow_NamesTheOptionAndNotTheKey()
    {
        var stranger = ApiKey.Create(ApiKey.HosterPrefix);

        Assert.DoesNotContain(stranger, await FailsAsync("--key", Wishes with { Key = stranger }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_TheKeyInTheEnvironment_Does()
    {
        var joiner = Joiner(environmentKey: _marketplace.Key);

        Assert.NotNull(await joiner.JoinAsync(Wishes with { Key = null, Slots = 1 }, saved: null, Token));
    }

    [Fact]
    public async Task Join_WithoutAGateway_NamesTheOption() => await FailsAsync("--gateway", Wishes with { Gateway = null });

    [Fact]
    public async Task Join_NobodyAtTheGateway_NamesTheOption() => await FailsAsync("--gateway", Wishes with { Gateway = new Uri("http://127.0.0.1:1/") });

    [Fact]
    public async Task Join_PlainTextBeyondLoopback_IsAskedForByName() =>
        await FailsAsync("--allow-unencrypted", Wishes with { Gateway = new Uri("http://gateway.example.com/") });

    [Fact]
    public async Task Join_NoCertificatesInTheFile_NamesTheOption() => await FailsAsync("--trusted-certificates", Wishes with { TrustedCertificates = "/dev/null" });

    [Fact]
    public async Task Join_NobodyAtTheEngine_NamesTheOption() => await FailsAsync("--engine", Wishes with { Engine = "http://127.0.0.1:1" });

    [Fact]
    public async Task Join_NoEngineAtAnyPort_NamesTheOption()
    {
        await _engine.GoAwayAsync();

        await FailsAsync("--engine", Wishes);
    }

    [Fact]
    public async Task Join_AnEngineThatRefusesToWork_NamesTheOption()
    {
        _engine.OnChat = FakeEngine.Answers(500, """{"error":{"message":"out of memory"}}""");

        await FailsAsync("--engine", Wishes);
    }

    [Fact]
    public async Task Join_AModelThatIsNotThere_SaysWhichAre() =>
        Assert.Contains("computeshare/tiny", await FailsAsync("--models", Wishes with { Models = ["large"] }), StringComparison.Ordinal);

    private Task<NodeSettings?> JoinAsync(JoinWishes wishes, NodeSettings? saved = null) => Joiner().JoinAsync(wishes, saved, Token);

    private async Task<string> FailsAsync(string names, JoinWishes wishes, bool saysYes = true)
    {
        var error = await Assert.ThrowsAsync<JoinException>(() => Joiner(saysYes).JoinAsync(wishes, saved: null, Token));
        Assert.Contains(names, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private Joiner Joiner(bool saysYes = true, string environmentKey = "")
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_said), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        return new Joiner(
            new EngineFinder([new UsualPort(_engine.Port, "")], TimeProvider.System), new OwnerDialogue(console, isAnswered: false, saysYes), environmentKey, TimeProvider.System);
    }

    private static string Market(int offers, string input, string cached, string output) =>
        $$"""{"object":"list","data":[{"model":"computeshare/tiny","offers":{{offers}},"in_catalogue":true,"input":{{Range(input)}},"cached_input":{{Range(cached)}},"output":{{Range(output)}}}]}""";

    private static string Range(string median) => $$"""{"lowest":"0","median":"{{median}}","highest":"9"}""";
}
