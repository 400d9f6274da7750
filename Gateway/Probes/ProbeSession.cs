using System.Text;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Nodes;
using ComputeShare.Gateway.Sessions;
using ComputeShare.Gateway.Telemetry;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Probes;

/// <summary>One conversation with a node as a user has it; after each answer a trusted hoster is asked the same, and Billing told.</summary>
internal sealed class ProbeSession(
    ProbeCaller caller,
    ProbeAuthor author,
    BillingSessions billing,
    JoinedNodes nodes,
    GatewayReplica replica,
    GatewayTelemetry telemetry,
    IOptions<ProbeOptions> options,
    TimeProvider clock,
    ILogger<ProbeSession> logger)
{
    private const int MostQuestions = 4;
    private const double GoesOn = 0.5;

    /// <summary>Throws only what cancels it.</summary>
    public async Task RunAsync(ProbeOffer offer, ProbeMemory memory, CancellationToken cancellationToken)
    {
        try
        {
            var persona = memory.Persona();
            var chat = await author.BeginAsync(offer, cancellationToken);
            while (await ProbeAsync(offer, memory, chat, persona, cancellationToken) && chat.Questions < MostQuestions && Chance.Of(GoesOn))
            {
                chat.Ask(ProbePrompts.FollowUp());
                await Task.Delay(options.Value.ThinkTime * (Chance.Between(20, 180) / 100.0), clock, cancellationToken);
            }
        }
        catch (Exception error) when (error is SessionLostException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            ProbesLog.Lost(logger, offer.NodeId, error.Message);
        }
    }

    /// <returns>The conversation can go on.</returns>
    private async Task<bool> ProbeAsync(ProbeOffer offer, ProbeMemory memory, ProbeChat chat, string persona, CancellationToken cancellationToken)
    {
        var shape = ProbeShape.Next(offer);
        if (await caller.AskAsync(ProbeRequests.Of(chat, shape, offer.ModelId, new ProbeAim(offer.NodeId, persona)), cancellationToken) is not { } answer)
        {
            telemetry.Probed("unanswered");
            return false;
        }

        var reference = shape.IsComparable
            ? await caller.AskReferenceAsync(chat, shape, offer.ModelId, offer.Quantization, cancellationToken)
            : null;
        await TellAsync(ProbeJudge.Judge(offer, shape, answer, reference, memory, options.Value.Slack), cancellationToken);
        chat.Answered(Encoding.UTF8.GetString(answer.Text.Span));
        return !answer.Text.IsEmpty;
    }

    private async Task TellAsync(ProbeResult result, CancellationToken cancellationToken)
    {
        var against = Reasons(result).ToArray();
        foreach (var outcome in against.DefaultIfEmpty(result.Compared ? "agrees" : "not_compared"))
        {
            telemetry.Probed(outcome);
        }

        if (against.Length > 0)
        {
            var reasons = string.Join(", ", against);
            ProbesLog.Against(logger, result.ModelId, result.NodeId, reasons);
        }

        var reply = await billing.Client(replica.Name).ReportProbesAsync(new ReportProbesRequest { Probes = { result } }, cancellationToken: cancellationToken);
        foreach (var nodeId in reply.ChangedNodeIds)
        {
            nodes.RegisterAgain(nodeId);
        }
    }

    private static IEnumerable<string> Reasons(ProbeResult result) =>
        new (string Name, bool IsSo)[] { ("differs", result.Differs), ("empty", result.Empty), ("held_back", result.HeldBack), ("repeated", result.Repeated) }
            .Where(reason => reason.IsSo).Select(reason => reason.Name);
}
