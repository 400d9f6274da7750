using System.Diagnostics;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Sessions;
using Grpc.Core;

namespace ComputeShare.ServiceDefaults.Tests.Sessions;

/// <summary>
/// Answers each hold with its own number of tokens: 0 never, 1 with an exception, others at once.
/// </summary>
internal sealed class EchoBilling(CancellationToken stopping) : Contracts.Billing.Billing.BillingBase
{
    public static readonly ActivitySource Spans = new("ComputeShare.Tests");

    public override Task Session(
        IAsyncStreamReader<BillingCommands> requestStream, IServerStreamWriter<BillingAnswers> responseStream, ServerCallContext context) =>
        new CommandSessionServer<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(AnswerAsync, Spans, stopping)
            .RunAsync(requestStream, responseStream, context);

    private static async ValueTask<BillingAnswer> AnswerAsync(BillingCommand command, CancellationToken cancellationToken)
    {
        switch (command.Hold.CompletionTokens)
        {
            case 0:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                break;
            case 1:
                throw new InvalidOperationException("asked for by the test");
        }

        return new BillingAnswer { Held = new Held { CompletionTokens = command.Hold.CompletionTokens } };
    }
}
