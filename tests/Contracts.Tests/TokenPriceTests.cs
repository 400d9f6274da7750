using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.Contracts.Tests;

public sealed class TokenPriceTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 0, 0, 1)]
    [InlineData(0, 0, 1, 1)]
    [InlineData(1_000_000, 0, 0, 3)]
    [InlineData(1_000_001, 0, 0, 4)]
    [InlineData(0, 1_000_000, 1_000_000, 8)]
    public void AmountFor_SmallPrices_RoundsUpOnce(uint prompt, uint cached, uint completion, long expected) =>
        Assert.Equal(expected, new TokenPrice(3, 1, 7).AmountFor(new TokenCounts(prompt, cached, completion)).NanoDollars);

    [Fact]
    public void AmountFor_AnyCountsAndPrices_IsTheExactCeiling() =>
        Prop.ForAll<(uint, uint, uint)>(
            ArbMap.Default.ArbFor<(uint, uint, uint)>(),
            counts =>
            {
                var price = new TokenPrice(50_000_000, 5_000_000, 200_000_000);
                var sum = (new BigInteger(counts.Item1) * price.Input) + (new BigInteger(counts.Item2) * price.CachedInput)
                    + (new BigInteger(counts.Item3) * price.Output);
                var expected = (sum + 999_999) / 1_000_000;
                return price.AmountFor(new TokenCounts(counts.Item1, counts.Item2, counts.Item3)).NanoDollars == expected;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void AmountFor_MoreThanMoneyHolds_Throws() =>
        Assert.Throws<OverflowException>(() => new TokenPrice(long.MaxValue, 0, 0).AmountFor(new TokenCounts(uint.MaxValue, 0, 0)));

    [Fact]
    public void ToString_Amount_IsDollarsWithNineDecimals() => Assert.Equal("0.000012345", new Money(12_345).ToString());
}
