using ComputeShare.Billing.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace ComputeShare.Billing.Tests.Administration;

[Trait("Category", "Integration")]
public sealed class AccountCommandTests(BillingFixture fixture)
{
    private readonly AdminConsole _console = new(fixture.Billing.ConnectionString);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("consumer")]
    [InlineData("hoster")]
    public async Task Create_NewName_OpensAnAccountAndPrintsItsIdAlone(string kind)
    {
        var id = await _console.OutputOfAsync("account", "create", $"new-{kind}", "--kind", kind);

        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        var account = await billing.Accounts.SingleAsync(account => account.Id == id, Token);
        Assert.Equal((kind, $"new-{kind}"), (account.Kind, account.Name));
        Assert.Contains(
            (await _console.OutputOfAsync("account", "list")).Split('\n'),
            line => line.StartsWith(id, StringComparison.Ordinal) && line.Contains($"new-{kind}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Create_NameThatIsTaken_IsRefusedInOneSentence()
    {
        await _console.OutputOfAsync("account", "create", "taken", "--kind", "consumer");

        var second = await _console.RunAsync("account", "create", "taken", "--kind", "hoster");

        Assert.Equal(new Answer(1, "", "Billing admin: There is an account taken already."), second);
    }

    [Theory]
    [InlineData("a name")]
    [InlineData("a/b")]
    [InlineData("-")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public async Task Create_NameThatIsNone_IsRefused(string name)
    {
        var answer = await _console.RunAsync("account", "create", "--kind", "hoster", "--", name);

        Assert.Equal((1, ""), (answer.Code, answer.Output));
        Assert.Contains("letters, digits", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("account", "create", "nobody")]
    [InlineData("account", "create", "nobody", "--kind", "platform")]
    [InlineData("account", "limits", "nobody", "--parallel", "-1")]
    [InlineData("account", "policy", "nobody", "luck")]
    [InlineData("account")]
    [InlineData("acount", "list")]
    public async Task AnyCommand_Misused_EndsWithTwoAndTouchesNothing(params string[] words)
    {
        var answer = await _console.RunAsync(words);

        Assert.Equal((2, ""), (answer.Code, answer.Output));
        Assert.NotEmpty(answer.Error);
    }

    [Fact]
    public async Task Limits_SomeGiven_ChangeThoseAndRaiseTheKeyVersion()
    {
        var id = await _console.OutputOfAsync("account", "create", "limited", "--kind", "consumer");
        await _console.OutputOfAsync("account", "limits", "limited", "--parallel", "2", "--tokens-per-minute", "5000");

        var shown = await _console.OutputOfAsync("account", "limits", "limited", "--requests-per-minute", "60", "--tokens-per-minute", "0");

        Assert.Equal(["limited", "2", "60", "any"], shown.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        var account = await billing.Accounts.SingleAsync(account => account.Id == id, Token);
        Assert.Equal((2, 60, 0, 3L), (account.ParallelRequests, account.RequestsPerMinute, account.TokensPerMinute, account.KeyVersion));
    }

    [Fact]
    public async Task Limits_NoneGiven_OnlyShows()
    {
        var id = await _console.OutputOfAsync("account", "create", "unlimited", "--kind", "consumer");

        await _console.OutputOfAsync("account", "limits", id);

        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        Assert.Equal(1, (await billing.Accounts.SingleAsync(account => account.Id == id, Token)).KeyVersion);
    }

    [Fact]
    public async Task Policy_Set_IsShownAndReachesTheGatewaysWithTheKey()
    {
        var id = await _console.OutputOfAsync("account", "create", "with-policy", "--kind", "consumer");
        Assert.Equal("default", await _console.OutputOfAsync("account", "policy", id));

        Assert.Equal("latency", await _console.OutputOfAsync("account", "policy", "with-policy", "latency"));

        await using var billing = await fixture.Billing.OpenDatabaseAsync(Token);
        var account = await billing.Accounts.SingleAsync(account => account.Id == id, Token);
        Assert.Equal(("latency", 2L), (account.Policy, account.KeyVersion));
        Assert.Equal("default", await _console.OutputOfAsync("account", "policy", "with-policy", "default"));
    }

    [Fact]
    public async Task AnyCommand_UnknownAccount_IsRefusedInOneSentence() =>
        Assert.Equal(
            new Answer(1, "", "Billing admin: There is no account nobody."), await _console.RunAsync("account", "limits", "nobody"));
}
