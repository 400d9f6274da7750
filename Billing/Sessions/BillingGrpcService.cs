using ComputeShare.Billing.Generations;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.ModelCatalogue;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Telemetry;
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
    GenerationReader generations,
    BillingTelemetry telemetry,
    IHostApplicationLifetime lifetime) : Contracts.Billing.Billing.BillingBase
{
    public override Task Session(
        IAsyncStreamReader<BillingCommands> requestStream, IServerStreamWriter<BillingAnswers> responseStream, ServerCallContext context) =>
        new CommandSessionServer<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(
            commands.AnswerAsync, telemetry.Spans, lifetime.ApplicationStopping).RunAsync(requestStream, responseStream, context);

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

    public override Task<Catalogue> GetCatalogue(GetCatalogueRequest request, ServerCallContext context) =>
        catalogue.ReadAsync(context.CancellationToken);

    public override async Task<Generation> GetGeneration(GetGenerationRequest request, ServerCallContext context) =>
        (RequestId.TryParse(request.RequestId, out var id)
            ? await generations.FindAsync(id, request.AccountId, context.CancellationToken)
            : null) ?? throw new RpcException(new Status(StatusCode.NotFound, "No such generation."));
}
