using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Billing.Tests.Pricing;

public sealed class HoldCostTests
{
    private static readonly Gen<long> Amounts =
        Gen.OneOf(Gen.Choose(0, 30).Select(value => (long)value), Gen.Choose(0, int.MaxValue).Select(value => (long)value));

    private static readonly Gen<(Money Available, TokenPrice Price, uint Prompt, uint Wanted)> Cases =
        from available in Amounts
        from input in Amounts
        from cached in Amounts
        from output in Amounts
        from prompt in Gen.Choose(0, 5_000)
        from wanted in Gen.Choose(0, 5_000)
        select (new Money(available), new TokenPrice(input, cached, output), (uint)prompt, (uint)wanted);

    [Fact]
    public void CoveredBy_AnyMoney_IsTheMostThatItPays() => Prop.ForAll(Cases.ToArbitrary(), @case =>
    {
        var (available, price, prompt, wanted) = @case;
        var covered = HoldCost.CoveredBy(available, price, prompt, wanted);
        return covered is { } tokens
            ? tokens <= wanted
                && HoldCost.Of(price, prompt, tokens) <= available
                && (tokens == wanted || HoldCost.Of(price, prompt, tokens + 1) > available)
            : HoldCost.Of(price, prompt, 0) > available;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_AnySettlementWithinIt_CostsNoMore() => Prop.ForAll(Cases.ToArbitrary(), @case =>
    {
        var (_, price, prompt, completion) = @case;
        var held = HoldCost.Of(price, prompt, completion);
        return price.AmountFor(new TokenCounts(prompt, 0, completion)) <= held
            && price.AmountFor(new TokenCounts(0, prompt, completion / 2)) <= held;
    }).QuickCheckThrowOnFailure();
}
