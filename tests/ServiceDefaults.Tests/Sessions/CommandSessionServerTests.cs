using System.Diagnostics;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.ServiceDefaults.Tests.Sessions;

public sealed class CommandSessionServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private TestService _service = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await TestService.StartAsync(
            [PortRole.Internal],
            services =>
            {
                services.AddGrpc();
                services.AddSingleton(new EchoBilling(_stopping.Token));
            },
            app => app.MapGrpcService<EchoBilling>().ServedOn(PortRole.Internal));
        _channel = StreamingChannel.Open(_service.AddressOf(PortRole.Internal), Connect);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _channel.Dispose();
        await _service.DisposeAsync();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Session_ManyCommandsInOneMessage_AllAreAnsweredByTheirId()
    {
        using var session = OpenSession(TestService.Secret);
        await session.RequestStream.WriteAsync(Batch(Enumerable.Range(2, 500).Select(i => Hold((ulong)i, (uint)i))), Token);

        var answers = await ReadAsync(session, 500);

        Assert.Equal(Enumerable.Range(2, 500).Select(i => (ulong)i), answers.Select(answer => answer.CorrelationId).Order());
        Assert.All(answers, answer => Assert.Equal(answer.CorrelationId, answer.Held.CompletionTokens));
    }

    [Fact]
    public async Task Session_OneCommandNeverEnds_OthersAreAnsweredAndItsDeadlineEndsIt()
    {
        using var session = OpenSession(TestService.Secret);
        var stuck = Hold(1, 0);
        stuck.DeadlineMs = 50;
        await session.RequestStream.WriteAsync(Batch([stuck, Hold(2, 2)]), Token);

        var answer = Assert.Single(await ReadAsync(session, 1));

        Assert.Equal(2UL, answer.CorrelationId);
        await session.RequestStream.CompleteAsync();
        Assert.False(await session.ResponseStream.MoveNext(Token));
    }

    [Fact]
    public async Task Session_ServiceStops_EndsTheSessionAndWhatRuns()
    {
        using var session = OpenSession(TestService.Secret);
        await session.RequestStream.WriteAsync(Batch([Hold(1, 0), Hold(2, 2)]), Token);
        await ReadAsync(session, 1);

        await _stopping.CancelAsync();

        Assert.False(await session.ResponseStream.MoveNext(Token));
    }

    [Fact]
    public async Task Session_HandlerThrows_EndsTheSessionWithAnError()
    {
        using var session = OpenSession(TestService.Secret);
        await session.RequestStream.WriteAsync(Batch([Hold(1, 1)]), Token);

        await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(Token));
    }

    [Fact]
    public async Task Session_WithTraceparent_MakesAServerSpanUnderIt()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == EchoBilling.Spans,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        var ended = new TaskCompletionSource<Activity>();
        listener.ActivityStopped = span => ended.TrySetResult(span);
        ActivitySource.AddActivityListener(listener);
        using var session = OpenSession(TestService.Secret);
        var traced = Hold(2, 2);
        traced.Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await session.RequestStream.WriteAsync(Batch([Hold(3, 3), traced]), Token);
        await ReadAsync(session, 2);

        var span = await ended.Task.WaitAsync(Token);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", span.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString());
        Assert.Equal("Hold", span.DisplayName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("another-secret-that-is-also-32-characters")]
    public async Task Session_WithoutTheSecret_IsUnauthenticated(string secret)
    {
        using var session = OpenSession(secret);

        var error = await Assert.ThrowsAsync<RpcException>(() => session.ResponseStream.MoveNext(Token));

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    private AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> OpenSession(string secret) =>
        new Contracts.Billing.Billing.BillingClient(_channel.WithSecret(secret)).Session(cancellationToken: Token);

    private static BillingCommands Batch(IEnumerable<BillingCommand> commands) => new() { Commands = { commands } };

    private static BillingCommand Hold(ulong correlationId, uint tokens) =>
        new() { CorrelationId = correlationId, Hold = new Hold { CompletionTokens = tokens } };

    private static async Task<List<BillingAnswer>> ReadAsync(AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> session, int count)
    {
        var answers = new List<BillingAnswer>();
        while (answers.Count < count && await session.ResponseStream.MoveNext(Token))
        {
            answers.AddRange(session.ResponseStream.Current.Answers);
        }

        return answers;
    }
}
