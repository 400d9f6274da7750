using ComputeShare.Billing.Counting;
using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Hosters;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Payments;
using ComputeShare.Billing.Probing;
using ComputeShare.Billing.Telemetry;
using ComputeShare.Billing.Usage;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Sessions;
using Grpc.Core;

namespace ComputeShare.Billing.Sessions;

/// <summary>billing.proto, handed on.</summary>
internal sealed class BillingGrpcService(
    SessionCommands commands,
    KeyRegister keys,
    NodeRegistrar nodes,
    CatalogueReader catalogue,
    CountComparison counts,
    ProbeIntake probes,
    GenerationReader generations,
    KeyCalls accountKeys,
    KeyNotices keyNotices,
    UsageReader usage,
    CreditReader credits,
    HosterReader hosters,
    HosterNodeReader hosterNodes,
    EarningsReader earnings,
    PaymentIntake payments,
    BillingTelemetry telemetry,
    IHostApplicationLifetime lifetime) : Contracts.Billing.Billing.BillingBase
{
    public override Task Session(
        IAsyncStreamReader<BillingCommands> requestStream, IServerStreamWriter<BillingAnswers> responseStream, ServerCallContext context) =>
        new CommandSessionServer<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(
            commands.AnswerAsync,
            telemetry.Spans,
            lifetime.ApplicationStopping,
            say => keyNotices.Subscribe(notice => say(message => message.KeyNotices.Add(notice)))).RunAsync(requestStream, responseStream, context);

    public override async Task<KeyRecord> LookUpKey(LookUpKeyRequest request, ServerCallContext context) =>
        await keys.FindAsync(request.KeyHash.ToByteArray(), context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, "No such key."));

    public override async Task<RegisterNodeReply> RegisterNode(RegisterNodeRequest request, ServerCallContext context)
    {
        try
        {
            return await nodes.RegisterAsync(request, context.CancellationToken);
        }
        catch (RegistrationException refused)
        {
            throw new RpcException(new Status(refused.Status, refused.Message));
        }
    }

    public override async Task<ReportCountsReply> ReportCounts(ReportCountsRequest request, ServerCallContext context) =>
        new() { ChangedNodeIds = { await counts.AddAsync(request.Nodes, context.CancellationToken) } };

    public override async Task<ReportProbesReply> ReportProbes(ReportProbesRequest request, ServerCallContext context) =>
        new() { ChangedNodeIds = { await probes.AddAsync(request.Probes, context.CancellationToken) } };

    public override Task<Catalogue> GetCatalogue(GetCatalogueRequest request, ServerCallContext context) =>
        catalogue.ReadAsync(context.CancellationToken);

    public override async Task<Generation> GetGeneration(GetGenerationRequest request, ServerCallContext context) =>
        (RequestId.TryParse(request.RequestId, out var id)
            ? await generations.FindAsync(id, request.AccountId, context.CancellationToken)
            : null) ?? throw new RpcException(new Status(StatusCode.NotFound, "No such generation."));

    public override Task<NewKey> CreateKey(CreateKeyRequest request, ServerCallContext context) =>
        accountKeys.CreateAsync(request, context.CancellationToken);

    public override Task<KeyPage> ListKeys(ListKeysRequest request, ServerCallContext context) =>
        accountKeys.ListAsync(request, context.CancellationToken);

    public override Task<AccountKey> GetKey(AccountKeyRequest request, ServerCallContext context) =>
        accountKeys.FindAsync(request, context.CancellationToken);

    public override Task<AccountKey> ChangeKey(ChangeKeyRequest request, ServerCallContext context) =>
        accountKeys.ChangeAsync(request, context.CancellationToken);

    public override Task<NewKey> RotateKey(RotateKeyRequest request, ServerCallContext context) =>
        accountKeys.RotateAsync(request, context.CancellationToken);

    public override Task<AccountKey> RevokeKey(AccountKeyRequest request, ServerCallContext context) =>
        accountKeys.RevokeAsync(request, context.CancellationToken);

    public override Task<UsageReport> GetUsage(GetUsageRequest request, ServerCallContext context) =>
        usage.ReadAsync(request, context.CancellationToken);

    public override Task<Credits> GetCredits(GetCreditsRequest request, ServerCallContext context) =>
        credits.ReadAsync(request.AccountId, context.CancellationToken);

    public override async Task<Hoster> GetHoster(GetHosterRequest request, ServerCallContext context) =>
        await hosters.ReadAsync(request.AccountId, context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, "No such hoster."));

    public override Task<HosterNodes> ListHosterNodes(ListHosterNodesRequest request, ServerCallContext context) =>
        hosterNodes.ListAsync(request, context.CancellationToken);

    public override Task<EarningsReport> GetEarnings(GetEarningsRequest request, ServerCallContext context) =>
        earnings.ReadAsync(request, context.CancellationToken);

    public override async Task<WebhookReply> AcceptWebhook(WebhookRequest request, ServerCallContext context)
    {
        try
        {
            var outcome = await payments.AcceptAsync(request.Provider, request.Body.Memory, request.Signature, context.CancellationToken);
            return outcome is null
                ? throw new RpcException(new Status(StatusCode.NotFound, "No such provider."))
                : new WebhookReply { Outcome = outcome };
        }
        catch (WebhookRefusedException refused)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, refused.Message));
        }
    }
}
