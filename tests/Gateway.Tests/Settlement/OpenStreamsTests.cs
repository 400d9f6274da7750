using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Settlement;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Gateway.Tests.Settlement;

public sealed class OpenStreamsTests
{
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new();
    private readonly OpenStreams _streams;
    private readonly CompletionContext _context;

    public OpenStreamsTests()
    {
        _streams = new OpenStreams(new KeyedRequests(), _clock);
        _context = NewContext();
        _streams.Open(_context);
    }

    [Fact]
    public void Checkpoint_OfADeliveryBillingHasHeardOf_SaysNothing()
    {
        Deliver(2);

        Assert.Equal(2u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CompletionTokens);
        _streams.Told();

        Assert.Empty(_streams.Checkpoint().Streams);
        Deliver(3);
        Assert.Equal(3u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CompletionTokens);
    }

    [Fact]
    public void Checkpoint_BillingDidNotTake_IsSaidAgain()
    {
        Deliver(2);

        Assert.Single(_streams.Checkpoint().Streams);
        Assert.Single(_streams.Checkpoint().Streams);
    }

    [Fact]
    public void Checkpoint_NothingNewForAWhile_SaysThatItLives()
    {
        Assert.Empty(_streams.Checkpoint().Streams);

        _clock.Advance(TellAgain);

        Assert.Empty(Assert.Single(_streams.Checkpoint().Streams).Shares);
        _streams.Told();
        Assert.Empty(_streams.Checkpoint().Streams);
    }

    [Fact]
    public void IfAllDie_NothingNew_IsTheSameObject()
    {
        Deliver(2);
        var (before, after) = (new List<Settle>(), new List<Settle>());

        _streams.IfAllDie(before);
        _streams.IfAllDie(after);

        Assert.Same(Assert.Single(before), Assert.Single(after));
    }

    // Found by one look, and taken for arrived by the next.
    private void Deliver(uint tokens)
    {
        _context.Delivered.Write(0, tokens, tokens);
        _context.Delivered.Deliver();
        for (var look = 0; look < 2; look++)
        {
            _clock.Advance(OnItsWay);
            _streams.IfAllDie([]);
        }
    }

    private CompletionContext NewContext()
    {
        var http = new DefaultHttpContext();
        http.SetRequestId(RequestId.New(_clock));
        var request = new CompletionRequest
        {
            Operation = Operation.Chat,
            Models = ["auto"],
            WorkBody = default,
            Prompt = PromptText.OfMessages(["?"], 1),
            Stream = true,
        };
        return new CompletionContext(http, new Caller("", new KeyRecord { AccountId = "account" }), request, _clock)
        {
            Lease = new Reserved { NodeId = "node", Price = new OfferedPrice { PriceId = "price" } },
        };
    }
}
