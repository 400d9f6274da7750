using ComputeShare.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.OpenAI;

public sealed class BodyBudgetTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly BodyBudget _budget = new(Options.Create(new BodyOptions { Megabytes = 256 }), TimeProvider.System);

    [Fact]
    public void Account_ThatHasItsQuarter_GetsNoMoreAndOthersDo()
    {
        Assert.True(_budget.TryTake("greedy", 64 * Megabyte));

        Assert.False(_budget.TryTake("greedy", 1));
        Assert.True(_budget.TryTake("modest", 32 * Megabyte));

        _budget.GiveBack("greedy", 64 * Megabyte);
        Assert.True(_budget.TryTake("greedy", 64 * Megabyte));
    }

    [Fact]
    public void Accounts_ThatHaveAllTogether_GetNoMoreUntilSomethingIsGivenBack()
    {
        string[] accounts = ["a", "b", "c", "d"];
        Assert.All(accounts, account => Assert.True(_budget.TryTake(account, 64 * Megabyte)));

        Assert.False(_budget.TryTake("e", 1));

        _budget.GiveBack("a", Megabyte);
        Assert.True(_budget.TryTake("e", Megabyte));
        Assert.False(_budget.TryTake("e", 1));
    }
}
