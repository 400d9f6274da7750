using System.Net;
using System.Text;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.Gateway.Tests.Idempotency;

[Trait("Category", "Integration")]
[Trait("Wire", "55")]
public sealed class IdempotencyKeyTests(SharedMarket shared) : IClassFixture<SharedMarket>, IDisposable
{
    private readonly string _key = Guid.CreateVersion7().ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Market Market => shared.Market;

    private FakeNode Node => Market.Nodes[0];

    public void Dispose()
    {
        Node.OnGenerate = (_, frames, _) => FakeNode.Says(frames, "One", " two", " three");
        Market.Billing.Idempotency.OnBegin = _ => null;
    }

    [Theory]
    [InlineData(Wire.Ask)]
    [InlineData(Wire.AskStream)]
    public async Task Request_AgainWithItsKey_GetsTheSameBytesForOneCharge(string body)
    {
        var before = Node.Requests.Count;
        var first = await PostToItsEndAsync(body);
        var second = await PostAsync(body);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, second.Status));
        Assert.Contains(" three", first.Body, StringComparison.Ordinal);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Headers["x-request-id"], second.Headers["x-request-id"]);
        Assert.Equal(first.Headers["Content-Type"], second.Headers["Content-Type"]);
        Assert.Equal("demo-hoster", second.Headers["x-computeshare-hoster"]);
        Assert.Equal((null, "true"), (first.Headers.GetValueOrDefault("x-computeshare-replayed"), second.Headers["x-computeshare-replayed"]));
        Assert.Equal(before + 1, Node.Requests.Count);
        var end = Market.Billing.Idempotency.Ends.Single(end => end.IdempotencyKey == _key);
        Assert.DoesNotContain("three", end.Answer.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_TwiceWithoutAKey_IsDoneTwice()
    {
        var before = Node.Requests.Count;
        using var first = await Market.PostAsync(Wire.Ask);
        using var second = await Market.PostAsync(Wire.Ask);

        Assert.Equal(before + 2, Node.Requests.Count);
    }

    [Fact]
    public async Task Key_WithAnotherBody_Is409ForGood()
    {
        await PostToItsEndAsync(Wire.Ask);

        var other = await PostAsync(Wire.AskStream);

        AssertConflict(other, "idempotency_key_reused", retry: false);
    }

    [Fact]
    public async Task Key_InFlight_Is409ToBeRetried()
    {
        var release = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        Node.OnGenerate = async (_, frames, _) =>
        {
            began.SetResult();
            await release.Task;
            await FakeNode.Says(frames, "late");
        };
        var first = PostAsync(Wire.Ask);
        await began.Task.WaitAsync(Token);

        var second = await PostAsync(Wire.Ask);
        release.SetResult();

        AssertConflict(second, "idempotency_key_in_use", retry: true);
        Assert.Equal("1", second.Headers["Retry-After"]);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
    }

    [Fact]
    public async Task Request_AgainBeforeItsEndIsRecorded_WaitsForThat()
    {
        await PostToItsEndAsync(Wire.Ask);
        var tries = 0;
        Market.Billing.Idempotency.OnBegin = _ => Interlocked.Increment(ref tries) < 3
            ? new BillingAnswer { IdempotentBegun = new IdempotentBegun { State = IdempotentState.InFlight } }
            : null;

        var again = await PostAsync(Wire.Ask);

        Assert.Equal((HttpStatusCode.OK, 3), (again.Status, tries));
        Assert.Equal("true", again.Headers["x-computeshare-replayed"]);
    }

    [Fact]
    public async Task Failure_ThatCostNothing_FreesTheKey()
    {
        Node.OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.EngineError);
        var failed = await PostToItsEndAsync(Wire.Ask);
        Node.OnGenerate = (_, frames, _) => FakeNode.Says(frames, "better");
        var again = await PostAsync(Wire.Ask);

        Assert.True((int)failed.Status >= 500, failed.Body);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.NotEqual(failed.Headers["x-request-id"], again.Headers["x-request-id"]);
    }

    [Fact]
    public async Task Refusal_ThatWouldBeTheSameAgain_IsKept()
    {
        Node.OnGenerate = (_, frames, _) => FakeNode.Fails(frames, FailureKind.Overflow);
        var refused = await PostToItsEndAsync(Wire.Ask);
        Node.OnGenerate = (_, frames, _) => FakeNode.Says(frames, "not asked");
        var again = await PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal((refused.Status, refused.Body), (again.Status, again.Body));
        Assert.Equal("true", again.Headers["x-computeshare-replayed"]);
    }

    [Fact]
    public async Task Stream_BrokenAfterContent_IsKeptBecauseItWasPaid()
    {
        Node.OnGenerate = async (_, frames, _) =>
        {
            await FakeNode.Tokens(frames, "half");
            await FakeNode.Fails(frames, FailureKind.EngineLost);
        };
        var broken = await PostToItsEndAsync(Wire.AskStream);
        var again = await PostAsync(Wire.AskStream);

        Assert.Contains("\"error\"", broken.Body, StringComparison.Ordinal);
        Assert.Equal(broken.Body, again.Body);
    }

    [Fact]
    public async Task Answer_LargerThanAMegabyte_IsNotKeptAndSaysSo()
    {
        var word = new string('x', 60_000);
        Node.OnGenerate = (_, frames, _) => FakeNode.Says(frames, [.. Enumerable.Repeat(word, 20)]);
        var first = await PostToItsEndAsync(Wire.Ask);

        var again = await PostAsync(Wire.Ask);

        Assert.Equal(HttpStatusCode.OK, first.Status);
        AssertConflict(again, "idempotency_answer_not_kept", retry: false);
        Assert.Contains(first.Headers["x-request-id"]["req_".Length..], again.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ThatLeftAfterContent_IsToldThatTheAnswerIsNotKept()
    {
        Node.OnGenerate = async (_, frames, cancelled) =>
        {
            await FakeNode.Tokens(frames, "some");
            await Task.Delay(Timeout.Infinite, cancelled);
        };
        using (var raw = await RawClient.AskAsync(Market, Wire.AskStream, Token, $"Idempotency-Key: {_key}\r\n"))
        {
            await raw.ReadUntilAsync("some", Token);
        }

        await UntilEndedAsync();

        AssertConflict(await PostAsync(Wire.AskStream), "idempotency_answer_not_kept", retry: false);
    }

    [Fact]
    public async Task Request_TakenOver_GoesOnAsTheEarlierOneAndItsOwner()
    {
        var earlier = RequestId.New(TimeProvider.System);
        Market.Billing.Idempotency.OnBegin = _ => new BillingAnswer
        {
            IdempotentBegun = new IdempotentBegun { State = IdempotentState.Owned, RequestId = earlier.Value, OwnerEpoch = 7 },
        };
        var answer = await PostToItsEndAsync(Wire.Ask);

        Assert.Equal($"req_{earlier.Value}", answer.Headers["x-request-id"]);
        Assert.Contains(earlier.CompletionId, answer.Body, StringComparison.Ordinal);
        Assert.Equal(7u, Market.Billing.Holds.Single(hold => hold.RequestId == earlier.Value).OwnerEpoch);
        Assert.Equal(7u, Market.Billing.Idempotency.Ends.Single(end => end.RequestId == earlier.Value).OwnerEpoch);
        await Poll.UntilAsync(
            "it is settled as its owner",
            async () => (await Market.Billing.SettledAsync(Token)) is { OwnerEpoch: 7 } settle && settle.RequestId == earlier.Value,
            TimeSpan.FromSeconds(20),
            Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tab\there")]
    public async Task Key_Malformed_Is400(string key)
    {
        var answer = await PostAsync(Wire.Ask, key);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("invalid_idempotency_key", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_TooLong_Is400() => Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Wire.Ask, new string('k', 256))).Status);

    [Fact]
    public async Task Billing_ThatCannotRememberTheKey_Is503AndNothingIsDispatched()
    {
        var before = Node.Requests.Count;
        Market.Billing.Idempotency.OnBegin = _ => new BillingAnswer { Unavailable = new Unavailable() };

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(Wire.Ask)).Status);
        Assert.Equal(before, Node.Requests.Count);
    }

    private static void AssertConflict(Answer answer, string code, bool retry)
    {
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains($"\"code\":\"{code}\"", answer.Body, StringComparison.Ordinal);
        Assert.Equal(retry ? "true" : "false", answer.Headers["x-should-retry"]);
    }

    // The end is recorded when the client has its answer, a moment later.
    private async Task<Answer> PostToItsEndAsync(string body)
    {
        var answer = await PostAsync(body);
        await UntilEndedAsync();
        return answer;
    }

    private Task UntilEndedAsync() => Poll.UntilAsync(
        "the end is recorded", () => Market.Billing.Idempotency.Ends.Any(end => end.IdempotencyKey == _key), TimeSpan.FromSeconds(20), Token);

    private async Task<Answer> PostAsync(string body, string? key = null)
    {
        using var client = Market.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/chat/completions", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? _key);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request, Token);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(Token), headers);
    }

    private sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string> Headers);
}
