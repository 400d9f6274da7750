using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Admission;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace ComputeShare.Gateway.Tests.Fuzzing;

/// <summary>A Billing at the other end of a channel: an account's id is the number of tokens that it can pay.</summary>
internal sealed class InstantBilling : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ActivitySource _spans = new("ComputeShare.Fuzz");
    private readonly Channel<BillingAnswers> _answers = Channel.CreateUnbounded<BillingAnswers>();
    private readonly BillingSessions _sessions;

    public InstantBilling()
    {
        var session = new CommandSession<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(
            "billing", _ => Call(), new ServiceSessionOptions(), _spans, TimeProvider.System, NullLogger.Instance);
        _sessions = new BillingSessions([new BillingSessions.Member("http://billing", session, null!)]);
        _ = session.RunAsync(_stop.Token);
    }

    public static KeyRecord Account(uint tokens) => new() { KeyId = "key", AccountId = tokens.ToString(CultureInfo.InvariantCulture), HasCredit = true };

    public CreditHold NewHold(string requestId, KeyRecord account, HoldSizes sizes) => new(requestId, 0, account, sizes, _sessions, NullLogger.Instance);

    public void Dispose()
    {
        _stop.Cancel();
        _sessions.Dispose();
        _spans.Dispose();
        _stop.Dispose();
    }

    private AsyncDuplexStreamingCall<BillingCommands, BillingAnswers> Call() => new(
        new Commands(_answers.Writer), new Answers(_answers.Reader), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

    private static BillingAnswer Answer(BillingCommand command)
    {
        var (hold, tokens) = (command.Hold, uint.Parse(command.Hold.AccountId, CultureInfo.InvariantCulture));
        return hold.MinCompletionTokens > tokens
            ? new BillingAnswer { CorrelationId = command.CorrelationId, HoldRefused = new HoldRefused { Reason = HoldRefusal.Balance } }
            : new BillingAnswer { CorrelationId = command.CorrelationId, Held = new Held { Amount = 1, CompletionTokens = Math.Min(hold.CompletionTokens, tokens) } };
    }

    private sealed class Commands(ChannelWriter<BillingAnswers> answers) : IClientStreamWriter<BillingCommands>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task CompleteAsync() => Task.CompletedTask;

        public Task WriteAsync(BillingCommands message)
        {
            answers.TryWrite(new BillingAnswers { Answers = { message.Commands.Select(Answer) } });
            return Task.CompletedTask;
        }

        public Task WriteAsync(BillingCommands message, CancellationToken cancellationToken) => WriteAsync(message);
    }

    private sealed class Answers(ChannelReader<BillingAnswers> answers) : IAsyncStreamReader<BillingAnswers>
    {
        public BillingAnswers Current { get; private set; } = new();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            Current = await answers.ReadAsync(cancellationToken);
            return true;
        }
    }
}
