namespace ComputeShare.Contracts.Tests;

public sealed class ApiKeyTests
{
    [Fact]
    public void Create_AnyPrefix_IsWellFormedForThatPrefixOnly()
    {
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);

        Assert.True(ApiKey.IsWellFormed(key, ApiKey.ConsumerPrefix));
        Assert.False(ApiKey.IsWellFormed(key, ApiKey.HosterPrefix));
        Assert.False(ApiKey.IsWellFormed(key, ApiKey.ManagementPrefix));
    }

    [Fact]
    public void IsWellFormed_AnotherKindsPrefixPutInFront_IsFalse()
    {
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);

        Assert.False(ApiKey.IsWellFormed(ApiKey.HosterPrefix + key[4..], ApiKey.HosterPrefix));
    }

    [Fact]
    public void IsWellFormed_AnyOneCharacterChanged_IsFalse()
    {
        var key = ApiKey.Create(ApiKey.ConsumerPrefix);

        for (var i = ApiKey.ConsumerPrefix.Length; i < key.Length; i++)
        {
            var changed = key[..i] + (key[i] == 'A' ? 'B' : 'A') + key[(i + 1)..];
            Assert.False(ApiKey.IsWellFormed(changed, ApiKey.ConsumerPrefix), $"position {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ngk_")]
    [InlineData("ngk_short")]
    [InlineData("ngk_ääääääääääääääääääääääääääääääääääääää")]
    public void IsWellFormed_Junk_IsFalse(string junk) => Assert.False(ApiKey.IsWellFormed(junk, ApiKey.ConsumerPrefix));
}
