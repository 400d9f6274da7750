using System.Numerics;
using ComputeShare.Billing.Pricing;
using ComputeShare.Contracts;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Billing.Tests.Pricing;

public sealed class RevenueSplitTests
{
    private static readonly Gen<Int128> Weights =
        Gen.OneOf(Gen.Choose(0, 20).Select(weight => (Int128)weight), Gen.Choose(1, int.MaxValue).Select(weight => (Int128)weight << 64));

    private static readonly Gen<(Money Amount, int Fee, Int128[] Weights)> Splits =
        from amount in Gen.OneOf(
            Gen.Choose(0, 50).Select(value => (long)value),
            Gen.Choose(0, int.MaxValue).Select(value => value * 4_000_000_000L))
        from fee in Gen.Choose(0, 10_000)
        from first in Gen.Choose(1, 100)
        from others in Weights.ArrayOf()
        select (new Money(amount), fee, others.Prepend(first).ToArray());

    [Fact]
    public void Of_AnyAmount_GivesOutExactlyWhatCameIn() => Prop.ForAll(Splits.ToArbitrary(), split =>
    {
        var result = RevenueSplit.Of(split.Amount, split.Fee, split.Weights);
        return result.Hosters.Aggregate(result.Fee, (sum, part) => sum + part) == split.Amount;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_AnyAmount_GivesNoHosterAWholeNanoDollarBesideItsQuota() => Prop.ForAll(Splits.ToArbitrary(), split =>
    {
        var result = RevenueSplit.Of(split.Amount, split.Fee, split.Weights);
        var rest = (BigInteger)(split.Amount - result.Fee).NanoDollars;
        var total = split.Weights.Aggregate(BigInteger.Zero, (sum, weight) => sum + weight);
        return result.Hosters.Zip(split.Weights).All(part =>
            BigInteger.Abs((part.First.NanoDollars * total) - (rest * part.Second)) < total);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_TenPercentOfAnUnevenAmount_RoundsTheFeeDown()
    {
        var split = RevenueSplit.Of(new Money(19), 1000, [1]);

        Assert.Equal(new Money(1), split.Fee);
        Assert.Equal([new Money(18)], split.Hosters);
    }

    [Fact]
    public void Of_ThreeEqualShares_GivesTheOddNanoDollarToTheFirst()
    {
        var split = RevenueSplit.Of(new Money(10), 0, [7, 7, 7]);

        Assert.Equal([new Money(4), new Money(3), new Money(3)], split.Hosters);
    }

    [Fact]
    public void Of_UnequalRemainders_GivesTheOddNanoDollarToTheLargest()
    {
        var split = RevenueSplit.Of(new Money(10), 0, [1, 2]);

        Assert.Equal([new Money(3), new Money(7)], split.Hosters);
    }

    [Fact]
    public void Of_Nothing_GivesNothing()
    {
        var split = RevenueSplit.Of(Money.Zero, 1000, [0, 0]);

        Assert.Equal(new Money(0), split.Fee);
        Assert.Equal([Money.Zero, Money.Zero], split.Hosters);
    }
}
