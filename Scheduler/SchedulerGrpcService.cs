using ComputeShare.Contracts.Scheduling;
using ComputeShare.Scheduler.Nodes;
using ComputeShare.Scheduler.Redis;
using ComputeShare.Scheduler.Sessions;
using ComputeShare.Scheduler.Telemetry;
using ComputeShare.ServiceDefaults.Sessions;
using Grpc.Core;

namespace ComputeShare.Scheduler;

internal sealed class SchedulerGrpcService(
    SessionCommands commands,
    LiveModels models,
    LiveNodes liveNodes,
    PriceSpread prices,
    NodeSynchronizer nodes,
    SchedulerTelemetry telemetry,
    IHostApplicationLifetime lifetime,
    ILogger<SchedulerSession> logger)
    : Contracts.Scheduling.Scheduler.SchedulerBase
{
    public override async Task Session(
        IAsyncStreamReader<SchedulerCommands> requestStream, IServerStreamWriter<SchedulerAnswers> responseStream, ServerCallContext context)
    {
        // A session that does not stand yet is one that gateways do not use: they ask another replica meanwhile.
        await nodes.TriedToLoad.WaitAsync(context.CancellationToken);
        SessionsLog.SessionOpened(logger);
        var session = new SchedulerSession(commands, logger);
        var server = new CommandSessionServer<SchedulerCommands, SchedulerCommand, SchedulerAnswers, SchedulerAnswer>(
            session.HandleAsync, telemetry.Spans, lifetime.ApplicationStopping);
        await server.RunAsync(requestStream, responseStream, context);
        SessionsLog.SessionClosed(logger);
    }

    public override Task<ListLiveModelsReply> ListLiveModels(ListLiveModelsRequest request, ServerCallContext context) =>
        Task.FromResult(models.List());

    public override async Task<ListNodesReply> ListNodes(ListNodesRequest request, ServerCallContext context)
    {
        try
        {
            return await liveNodes.ListAsync(request.NodeIds);
        }
        catch (RedisUnavailableException away)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, away.Message));
        }
    }

    public override Task<GetMarketReply> GetMarket(GetMarketRequest request, ServerCallContext context) =>
        Task.FromResult(prices.Describe(request.Model));
}
