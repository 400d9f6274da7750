using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Idempotency;
using ComputeShare.Gateway.Settlement;
using ComputeShare.Gateway.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ComputeShare.Gateway.Tests.Settlement;

public sealed class OpenStreamsTests
{
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TellAgain = TimeSpan.FromSeconds(3);

    private readonly FakeTimeProvider _clock = new();
    private readonly OpenStreams _streams;
    private readonly CompletionContext _context;

    public OpenStreamsTests()
    {
        _streams = new OpenStreams(new KeyedRequests(), _clock);
        _context = RunningRequest.Streaming(_clock);
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
    public void Checkpoint_AfterOneThatBillingDidNotTake_SpeaksOfAll()
    {
        Deliver(2);
        _streams.Checkpoint();
        _streams.Told();
        Assert.Empty(_streams.Checkpoint().Streams);

        _streams.NotTold();

        Assert.Single(_streams.Checkpoint().Streams);
        _streams.Told();
        Assert.Empty(_streams.Checkpoint().Streams);
    }

    [Fact]
    public void Checkpoint_NodeTellsLateWhatWasCached_IsSaidAgain()
    {
        Deliver(2);
        Assert.Equal(0u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CachedTokens);
        _streams.Told();

        _context.Report = new Finished { Usage = new EngineUsage { PromptTokens = 4, CachedTokens = 1 } };

        Assert.Equal(1u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CachedTokens);
        var dying = new List<Settle>();
        _streams.IfAllDie(dying);
        Assert.Equal(1u, Assert.Single(Assert.Single(dying).Shares).CachedTokens);
    }

    [Fact]
    public void Checkpoint_AnswerHasEnded_CountsAlsoWhatMightHaveBecomeLess()
    {
        Deliver(3, certain: 1);
        Assert.Equal(1u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CompletionTokens);

        _context.FinishReason = "stop";

        Deliver(3, certain: 1);
        Assert.Equal(3u, Assert.Single(Assert.Single(_streams.Checkpoint().Streams).Shares).CompletionTokens);
    }

    [Fact]
    public void Close_OfOneThatWasTakenOver_LeavesTheOther()
    {
        Deliver(2);
        var other = RunningRequest.Streaming(_clock, _context.Id);
        _streams.Open(other);

        _streams.Close(_context);
        Assert.Single(CheckpointLater().Streams);

        _streams.Close(other);
        Assert.Empty(CheckpointLater().Streams);
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
    private void Deliver(uint tokens, uint? certain = null)
    {
        _context.Delivered.Write(0, tokens, certain ?? tokens);
        _context.Delivered.Deliver();
        for (var look = 0; look < 2; look++)
        {
            _clock.Advance(OnItsWay);
            _streams.IfAllDie([]);
        }
    }

    private Checkpoint CheckpointLater()
    {
        _clock.Advance(TellAgain);
        return _streams.Checkpoint();
    }
}
