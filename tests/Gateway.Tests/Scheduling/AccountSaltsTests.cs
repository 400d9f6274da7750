using ComputeShare.Gateway.Scheduling;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Scheduling;

public sealed class AccountSaltsTests
{
    private const string Services = "the-service-secret-of-the-tests-0";

    [Fact]
    public void Of_SeveralAccountsAndPurposes_AreAllDifferentAndAlwaysTheSame()
    {
        var (one, other) = (Salts(), Salts());

        byte[][] all = [one.Of("a").Prefix, one.Of("a").Cache, one.Of("b").Prefix, one.Of("b").Cache];

        Assert.Equal(4, all.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(one.Of("a").Cache, other.Of("a").Cache);
    }

    [Fact]
    public void Of_ASecretOfItsOwn_ReplacesTheServices() =>
        Assert.NotEqual(Salts().Of("a").Prefix, Salts("a secret that is only for prefixes").Of("a").Prefix);

    private static AccountSalts Salts(string? own = null) =>
        new(Options.Create(new SchedulingOptions { PrefixSecret = own }), Options.Create(new ServiceSecretOptions { Secret = Services }));
}
