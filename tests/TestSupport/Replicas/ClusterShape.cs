using ComputeShare.Contracts;
using ComputeShare.TestSupport.Network;
using ComputeShare.TestSupport.Servers;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>How many processes of each kind a <see cref="Cluster"/> has, and what is set otherwise than usual.</summary>
internal sealed record ClusterShape
{
    public const int SlotsPerNode = 4;

    public int Gateways { get; init; } = 2;

    public int Schedulers { get; init; } = 2;

    public int Billings { get; init; } = 2;

    public int Nodes { get; init; } = 3;

    /// <summary>As in production: no fault can be armed.</summary>
    public bool IsProduction { get; init; }

    /// <summary>The Aspire dashboard runs beside it and is sent the spans of requests that ask for it.</summary>
    public bool IsTraced { get; init; } = true;

    /// <summary>How many processes may start at once; a machine with few cores lets them time out otherwise.</summary>
    public int StartTogether { get; init; } = int.MaxValue;

    /// <summary>Those that the gateways may run on, as <c>taskset -c</c> takes them; null for all.</summary>
    public string? GatewayCores { get; init; }

    /// <summary>Of the services and nodes, of Redis, and of PostgreSQL; null: they go by the machine's.</summary>
    public (ProcessClock Services, ProcessClock Redis, ProcessClock Postgres)? Clocks { get; init; }

    /// <summary>By which the processes know each other, Redis and PostgreSQL; null: by addresses.</summary>
    public HostNames? Names { get; init; }

    /// <summary>Where PostgreSQL keeps its data; null: wherever there is room.</summary>
    public string? PostgresFolder { get; init; }

    /// <summary>Where the gateways keep settlements, and not removed; null: a temporary one.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>The demo account's key, which the cluster's clients have.</summary>
    public string Key { get; init; } = ApiKey.Create(ApiKey.ConsumerPrefix);

    public IReadOnlyDictionary<string, string> GatewaySettings { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> BillingSettings { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> SchedulerSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>Of the node with this number, from 1.</summary>
    public Func<int, IReadOnlyDictionary<string, string>> NodeSettings { get; init; } = _ => new Dictionary<string, string>();

    public int Processes => Gateways + Schedulers + Billings + Nodes;
}
