using System.Runtime.CompilerServices;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;

namespace ComputeShare.Billing.Tests.Sessions;

/// <summary>One session as a gateway has it: many commands in a message, answers in any order.</summary>
internal sealed class GatewaySession : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> _call;
    private ulong _lastId;

    private GatewaySession(GrpcChannel channel, AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> call)
    {
        _channel = channel;
        _call = call;
    }

    public static GatewaySession Open(RunningBilling billing, string secret = RunningBilling.Secret)
    {
        var channel = StreamingChannel.Open(billing.InternalAddress, TimeSpan.FromSeconds(2));
        return new GatewaySession(channel, new Contracts.Billing.Billing.BillingClient(channel.WithSecret(secret)).Session());
    }

    /// <summary>Sends all in one message; the answers, in the commands' order.</summary>
    public async Task<BillingAnswer[]> AskAsync(CancellationToken cancellationToken, params BillingCommand[] commands)
    {
        var first = _lastId + 1;
        foreach (var command in commands)
        {
            command.CorrelationId = ++_lastId;
        }

        await _call.RequestStream.WriteAsync(new BillingCommands { Commands = { commands } }, cancellationToken);
        var answers = new BillingAnswer[commands.Length];
        for (var left = commands.Length; left > 0;)
        {
            Assert.True(await _call.ResponseStream.MoveNext(cancellationToken), "The session ended before all answers came.");
            foreach (var answer in _call.ResponseStream.Current.Answers)
            {
                answers[answer.CorrelationId - first] = answer;
                left--;
            }
        }

        return answers;
    }

    /// <summary>What is said unasked, from now on.</summary>
    public async IAsyncEnumerable<KeyNotice> NoticesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _call.ResponseStream.MoveNext(cancellationToken))
        {
            foreach (var notice in _call.ResponseStream.Current.KeyNotices)
            {
                yield return notice;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        await _channel.ShutdownAsync();
        _channel.Dispose();
    }
}
