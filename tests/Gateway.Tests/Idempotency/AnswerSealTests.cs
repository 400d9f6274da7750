using System.Security.Cryptography;
using ComputeShare.Contracts;
using ComputeShare.Gateway.Idempotency;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Tests.Idempotency;

[Trait("Wire", "55")]
public sealed class AnswerSealTests
{
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly KeyedRequest Request = new("account", "key", RequestId.New(TimeProvider.System), 1);

    [Fact]
    public void Answer_ClosedByOneGateway_IsOpenedByAnother()
    {
        var closed = Seal(Key).Close("a completion"u8, Request);

        Assert.Equal(-1, closed.AsSpan().IndexOf("completion"u8));
        Assert.Equal("a completion"u8.ToArray(), Seal(Key).Open(closed, Request with { OwnerEpoch = 2 }));
    }

    [Fact]
    public void Answer_ClosedTwice_IsNotTheSameBytes() =>
        Assert.NotEqual(Seal(Key).Close("a"u8, Request), Seal(Key).Close("a"u8, Request));

    [Fact]
    public void Answer_OfAnotherRequestAccountOrKey_IsNotOpened()
    {
        var closed = Seal(Key).Close("a"u8, Request);

        Assert.Null(Seal(Key).Open(closed, Request with { Id = RequestId.New(TimeProvider.System) }));
        Assert.Null(Seal(Key).Open(closed, Request with { AccountId = "other" }));
        Assert.Null(Seal(Key).Open(closed, Request with { Key = "other" }));
    }

    [Fact]
    public void Answer_ChangedCutOrOfAnotherSecret_IsNotOpened()
    {
        var closed = Seal(Key).Close("a completion"u8, Request);
        var changed = closed.ToArray();
        changed[^1] ^= 1;

        Assert.Null(Seal(Key).Open(changed, Request));
        Assert.Null(Seal(Key).Open(closed.AsSpan(0, 20), Request));
        Assert.Null(Seal(Key).Open([], Request));
        Assert.Null(Seal(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))).Open(closed, Request));
        Assert.Null(Seal("").Open(closed, Request));
    }

    private static AnswerSeal Seal(string key) =>
        new(Options.Create(new IdempotencyOptions { AnswerKey = key }), NullLogger<AnswerSeal>.Instance);
}
