using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Tests.Fakes;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.ServiceDefaults.Sessions;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ComputeShare.Gateway.Tests.Sessions;

[Trait("Category", "Integration")]
public sealed class CommandSessionTests : IAsyncLifetime
{
    private const string Secret = "the-service-secret-of-the-tests-0";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ActivitySource _spans = new("ComputeShare.Gateway.Tests");
    private readonly HoldingBilling _billing = new();
    private readonly ServiceSessionOptions _options = new() { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(50) };
    private FakeService _service = null!;
    private GrpcChannel _channel = null!;
    private CommandSession<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer> _session = null!;
    private Task _running = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await StartServiceAsync();
        _channel = StreamingChannel.Open(_service.Address, TimeSpan.FromSeconds(2));
        _session = new(
            "billing",
            stop => new Billing.BillingClient(_channel.WithSecret(Secret)).Session(cancellationToken: stop),
            _options,
            _spans,
            TimeProvider.System,
            NullLogger.Instance);
        _running = _session.RunAsync(_stop.Token);
        await ConnectedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _service.DisposeAsync();
        _channel.Dispose();
        _billing.Dispose();
        _spans.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Commands_SentTogether_TravelInFewMessagesAndEachGetsItsAnswer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 1000).Select(i => _session.SendAsync(Hold((uint)i), Token)));

        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (uint)i), answers.Select(answer => answer.Held.CompletionTokens));
        Assert.True(_billing.Messages < 500, $"{_billing.Messages} messages");
    }

    [Fact]
    public async Task Command_NotAnsweredInTime_IsLostAndOthersAreNot()
    {
        var stuck = _session.SendAsync(new BillingCommand { Checkpoint = new Checkpoint() }, Token, TimeSpan.FromMilliseconds(100));

        var answer = await _session.SendAsync(Hold(3), Token);

        Assert.Equal(3u, answer.Held.CompletionTokens);
        await Assert.ThrowsAsync<SessionLostException>(() => stuck);
    }

    [Fact]
    public async Task Session_Lost_FailsWhatWaitsAndConnectsAgain()
    {
        var port = _service.Address.Port;
        var stuck = _session.SendAsync(new BillingCommand { Checkpoint = new Checkpoint() }, Token);
        await Poll.UntilAsync("the command has arrived", () => _billing.Messages > 0, Limit, Token);

        await _service.DisposeAsync();

        await Assert.ThrowsAsync<SessionLostException>(() => stuck);
        await Assert.ThrowsAsync<SessionLostException>(() => _session.SendAsync(Hold(1), Token));
        var again = new TaskCompletionSource();
        _session.Connected += () => again.TrySetResult();
        _service = await StartServiceAsync(port);
        await again.Task.WaitAsync(Limit, Token);
        Assert.Equal(5u, (await _session.SendAsync(Hold(5), Token)).Held.CompletionTokens);
    }

    [Fact]
    public async Task Command_UnderASpan_CarriesItsOwnClientSpan()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == _spans,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = _spans.StartActivity("request");

        await _session.SendAsync(Hold(1), Token);

        var context = ActivityContext.Parse(_billing.Traceparents.Single(), null);
        Assert.Equal(request!.TraceId, context.TraceId);
        Assert.NotEqual(request.SpanId, context.SpanId);
    }

    [Fact]
    public async Task Command_OfACallerThatLeft_IsNotAwaited()
    {
        using var leaving = new CancellationTokenSource();
        var stuck = _session.SendAsync(new BillingCommand { Checkpoint = new Checkpoint() }, leaving.Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
    }

    private static BillingCommand Hold(uint tokens) => new() { Hold = new Hold { CompletionTokens = tokens } };

    private Task ConnectedAsync() => Poll.UntilAsync("the session stands", () => _session.IsConnected, Limit, Token);

    private Task<FakeService> StartServiceAsync(int port = 0) =>
        FakeService.StartAsync(Secret, services => services.AddSingleton(_billing), app => app.MapGrpcService<HoldingBilling>(), port);

    /// <summary>Answers holds, and never a checkpoint.</summary>
    private sealed class HoldingBilling : Billing.BillingBase, IDisposable
    {
        private readonly ActivitySource _spans = new("ComputeShare.Fake");
        private int _messages;

        public int Messages => _messages;

        public ConcurrentQueue<string> Traceparents { get; } = [];

        public override Task Session(IAsyncStreamReader<BillingCommands> requestStream, IServerStreamWriter<BillingAnswers> responseStream, ServerCallContext context) =>
            new CommandSessionServer<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(AnswerAsync, _spans, CancellationToken.None)
                .RunAsync(new Counting(requestStream, this), responseStream, context);

        public void Dispose() => _spans.Dispose();

        private async ValueTask<BillingAnswer> AnswerAsync(BillingCommand command, CancellationToken cancellationToken)
        {
            if (command.CommandCase != BillingCommand.CommandOneofCase.Hold)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            Traceparents.Enqueue(command.Traceparent);
            return new BillingAnswer { Held = new Held { CompletionTokens = command.Hold.CompletionTokens } };
        }

        private sealed class Counting(IAsyncStreamReader<BillingCommands> inner, HoldingBilling owner) : IAsyncStreamReader<BillingCommands>
        {
            public BillingCommands Current => inner.Current;

            public async Task<bool> MoveNext(CancellationToken cancellationToken)
            {
                var more = await inner.MoveNext(cancellationToken);
                Interlocked.Increment(ref owner._messages);
                return more;
            }
        }
    }
}
