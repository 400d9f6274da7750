using System.Diagnostics;
using System.Net;

namespace ComputeShare.EndToEnd.Tests.Faults;

/// <summary>kill -9 of nodes at chosen points of a request.</summary>
[Collection(nameof(Cluster))]
[Trait("Category", "Integration")]
public sealed class NodeKilledTests(Cluster cluster)
{
    private const string AtToken = "node.generate.token";

    // The cheapest node is taken as long as it has room, but for a request that comes while it is not known again.
    private const int MostRequestsUntilChosen = 15;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_NodeKilledAfterContent_EndsWithOneErrorAndDeliveredTokensArePaid()
    {
        const int KilledAt = 6;
        var trace = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        await cluster.BecomeWellAsync(Token, (cluster.Nodes[0], AtToken, "kill@6"));

        var (answer, bodyEnded) = await UntilKilledAsync(
            () => RawExchange.StreamAsync(cluster.Clients[0], 20, trace, Token), exchange => exchange.Answer);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(["node_lost"], answer.Errors);
        Assert.False(answer.Completed);
        Assert.True(bodyEnded);
        Assert.InRange(answer.Tokens, 1, KilledAt - 1);
        AssertServedBy(answer, attempts: 1);
        await AssertPaidAsync(answer, "node_lost", attempts: 1);
        await AssertTracedAsync(trace.TraceId, answer, "node_lost");
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    [Fact]
    public async Task Stream_NodeKilledBeforeContent_IsServedByAnotherNode()
    {
        await cluster.BecomeWellAsync(Token, (cluster.Nodes[0], AtToken, "kill@1"));

        var answer = await UntilKilledAsync(() => cluster.Clients[0].StreamAsync(5, Token), stream => stream);

        Assert.True(answer.Completed);
        Assert.Empty(answer.Errors);
        Assert.Equal(5, answer.Tokens);
        AssertServedBy(answer, attempts: 2);
        await AssertPaidAsync(answer, "completed", attempts: 2);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    [Fact]
    public async Task Completion_NodesKilledTwice_IsServedByTheThirdAndOnlyThatOneIsPaid()
    {
        await cluster.BecomeWellAsync(Token, (cluster.Nodes[0], AtToken, "kill@3"), (cluster.Nodes[1], AtToken, "kill@4"));

        var answer = await cluster.Clients[1].CompleteAsync(8, Token);

        Assert.True(answer.Completed);
        Assert.Equal(8, answer.Tokens);
        AssertServedBy(answer, attempts: 3);
        await AssertPaidAsync(answer, "completed", attempts: 3);
        await cluster.Books.WaitUntilClosedAsync(Token);
    }

    [Fact]
    public async Task Completion_EveryNodeKilled_Is502ThatNobodyShouldRepeatAndNothingIsPaid()
    {
        await cluster.BecomeWellAsync(Token, [.. cluster.Nodes.Select(node => (node, AtToken, "kill@3"))]);

        var answer = await cluster.Clients[1].CompleteAsync(8, Token);

        Assert.Equal(HttpStatusCode.BadGateway, answer.Status);
        Assert.Equal(["node_lost"], answer.Errors);
        Assert.Equal("false", answer.Header("x-should-retry"));
        AssertServedBy(answer, attempts: 3);
        await cluster.Books.WaitUntilClosedAsync(Token);
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        Assert.Equal((0, 0, 0), (bill.Paid, bill.Amount, bill.Tokens));
    }

    /// <summary>The request that the armed node died of: the first that was not simply served.</summary>
    private static async Task<TAnswer> UntilKilledAsync<TAnswer>(Func<Task<TAnswer>> request, Func<TAnswer, ChatAnswer> of)
    {
        for (var requests = 0; requests < MostRequestsUntilChosen; requests++)
        {
            var answer = await request();
            if (!of(answer).Completed || of(answer).Header("x-computeshare-attempts") != "1")
            {
                return answer;
            }
        }

        throw new InvalidOperationException($"The cheapest of three free nodes got none of {MostRequestsUntilChosen} requests.");
    }

    private async Task AssertPaidAsync(ChatAnswer answer, string outcome, int attempts)
    {
        var bill = await cluster.Books.BillAsync(answer.RequestId, Token);
        Assert.Equal(answer.Tokens, bill.Tokens);
        Assert.Equal((outcome, attempts), (bill.Outcome, bill.Attempts));
        Assert.True(bill.Paid > 0);
        Assert.Equal((bill.Owed, bill.Owed), (bill.Paid, bill.Amount));
    }

    /// <summary>Gateway, scheduler and billing tell of the request in one trace; the dead node can tell nothing any more.</summary>
    private async Task AssertTracedAsync(ActivityTraceId trace, ChatAnswer answer, string outcome)
    {
        var spans = await cluster.Traces.ReadAsync(
            trace,
            spans => Of(spans, "Gateway").Any() && Of(spans, "Scheduler").Any() && Of(spans, "Billing").Count() >= 2,
            Token);

        var chat = Assert.Single(Of(spans, "Gateway"), span => span.Attributes.ContainsKey("gen_ai.operation.name"));
        Assert.Equal(outcome, chat.Attributes["computeshare.outcome"]);
        Assert.Equal($"{answer.Tokens}", chat.Attributes["gen_ai.usage.output_tokens"]);

        IEnumerable<TelemetrySpan> Of(List<TelemetrySpan> all, string service) => all.Where(span =>
            span.Service.StartsWith(service, StringComparison.Ordinal)
            && span.Attributes.GetValueOrDefault("computeshare.request.id") == answer.RequestId);
    }

    private static void AssertServedBy(ChatAnswer answer, int attempts)
    {
        Assert.Equal($"{attempts}", answer.Header("x-computeshare-attempts"));
        Assert.Equal("computeshare/tiny", answer.Header("x-computeshare-model"));
        Assert.Equal("demo-hoster", answer.Header("x-computeshare-hoster"));
    }
}
