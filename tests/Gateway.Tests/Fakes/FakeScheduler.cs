using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.ServiceDefaults.Sessions;
using ComputeShare.TestSupport.Processes;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>Gives the nodes out in order, never one that is excluded.</summary>
internal sealed class FakeScheduler : Scheduler.SchedulerBase, IDisposable
{
    private readonly ActivitySource _spans = new("ComputeShare.Fake");
    private CancellationTokenSource _stopping = new();
    private int _leases;

    public IReadOnlyList<string> Nodes { get; set; } = [];

    public ConcurrentQueue<Reserve> Reserves { get; } = [];

    public ConcurrentQueue<Release> Releases { get; } = [];

    /// <summary>The one lease that was given back; nobody waits for its release but the end of the request.</summary>
    public async Task<Release> ReleasedAsync(CancellationToken cancellationToken)
    {
        await Poll.UntilAsync("the lease is back", () => !Releases.IsEmpty, TimeSpan.FromSeconds(5), cancellationToken);
        return Releases.Single();
    }

    public ConcurrentQueue<NodeReport> Reports { get; } = [];

    public ConcurrentQueue<NodeGone> Departures { get; } = [];

    /// <summary>What reserves are answered with; null = a lease.</summary>
    public Func<Reserve, SchedulerAnswer?> OnReserve { get; set; } = _ => null;

    /// <summary>What reserves wait for before they are answered.</summary>
    public Task Room { get; set; } = Task.CompletedTask;

    /// <summary>Reserves that nobody waits for any more.</summary>
    public ConcurrentQueue<ulong> Cancels { get; } = [];

    /// <summary>What is added to each lease.</summary>
    public Action<Reserved> OnLease { get; set; } = _ => { };

    /// <summary>The live ones among the nodes that are asked for.</summary>
    public Func<ListNodesRequest, ListNodesReply> OnListNodes { get; set; } = _ => new ListNodesReply();

    public Func<GetMarketRequest, GetMarketReply> OnGetMarket { get; set; } = _ => new GetMarketReply();

    public void EndSessions()
    {
        using var ended = Interlocked.Exchange(ref _stopping, new CancellationTokenSource());
        ended.Cancel();
    }

    public override Task Session(IAsyncStreamReader<SchedulerCommands> requestStream, IServerStreamWriter<SchedulerAnswers> responseStream, ServerCallContext context) =>
        new CommandSessionServer<SchedulerCommands, SchedulerCommand, SchedulerAnswers, SchedulerAnswer>(
            (command, _) => AnswerAsync(command), _spans, _stopping.Token).RunAsync(requestStream, responseStream, context);

    public override Task<ListLiveModelsReply> ListLiveModels(ListLiveModelsRequest request, ServerCallContext context) =>
        Task.FromResult(new ListLiveModelsReply
        {
            Models =
            {
                new LiveModel
                {
                    ModelId = "computeshare/tiny", InCatalogue = true, Nodes = 3, ContextLength = 512, Capabilities = { "chat", "logprobs", "tools" },
                    Quantizations = { "F16" }, Prices = new Prices { Input = 50_000_001, CachedInput = 5_000_000, Output = 200_000_000 },
                },
                new LiveModel { ModelId = "demo-hoster/own", HosterName = "demo-hoster", Nodes = 1 },
            },
        });

    public override Task<ListNodesReply> ListNodes(ListNodesRequest request, ServerCallContext context) => Task.FromResult(OnListNodes(request));

    public override Task<GetMarketReply> GetMarket(GetMarketRequest request, ServerCallContext context) => Task.FromResult(OnGetMarket(request));

    public void Dispose()
    {
        _stopping.Dispose();
        _spans.Dispose();
    }

    private async ValueTask<SchedulerAnswer> AnswerAsync(SchedulerCommand command)
    {
        switch (command.CommandCase)
        {
            case SchedulerCommand.CommandOneofCase.Reserve:
                Reserves.Enqueue(command.Reserve);
                await Room;
                return OnReserve(command.Reserve) ?? Lease(command.Reserve);
            case SchedulerCommand.CommandOneofCase.Cancel:
                Cancels.Enqueue(command.Cancel);
                break;
            case SchedulerCommand.CommandOneofCase.Release:
                Releases.Enqueue(command.Release);
                break;
            case SchedulerCommand.CommandOneofCase.NodeReport:
                Reports.Enqueue(command.NodeReport);
                break;
            case SchedulerCommand.CommandOneofCase.NodeGone:
                Departures.Enqueue(command.NodeGone);
                break;
            case SchedulerCommand.CommandOneofCase.Renew:
                return new SchedulerAnswer { Renewed = new Renewed() };
        }

        return new SchedulerAnswer { Done = new Done() };
    }

    private SchedulerAnswer Lease(Reserve reserve)
    {
        if (Nodes.FirstOrDefault(node => !reserve.ExcludeNodes.Contains(node)) is not { } node)
        {
            return new SchedulerAnswer { Refused = new Refused { Kind = RefusalKind.Busy, RetryAfterMs = 2500 } };
        }

        var lease = new Reserved
        {
            LeaseId = $"lease-{Interlocked.Increment(ref _leases)}",
            NodeId = node,
            HosterId = "hoster",
            HosterName = "demo-hoster",
            ModelId = "computeshare/tiny",
            LocalModel = "tiny",
            Price = new OfferedPrice { PriceId = $"price-{node}", Prices = new Prices { Input = 50_000_000, Output = 200_000_000 } },
            ExpiresInMs = 15_000,
        };
        OnLease(lease);
        return new SchedulerAnswer { Reserved = lease };
    }
}
