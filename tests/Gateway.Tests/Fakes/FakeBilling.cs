using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Sessions;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>Knows one account with one key, and a hoster with one; holds whatever is asked unless told otherwise.</summary>
internal sealed class FakeBilling : Billing.BillingBase, IDisposable
{
    private readonly ActivitySource _spans = new("ComputeShare.Fake");
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Settle> _settles = Channel.CreateUnbounded<Settle>();
    private readonly ConcurrentBag<string> _hosters = [];
    private readonly Channel<NodeCounts> _counts = Channel.CreateUnbounded<NodeCounts>();
    private int _lookUps;

    public string Key { get; } = ApiKey.Create(ApiKey.ConsumerPrefix);

    public string HosterKey { get; } = ApiKey.Create(ApiKey.HosterPrefix);

    public string ManagementKey { get; } = ApiKey.Create(ApiKey.ManagementPrefix);

    /// <summary>A key of the hoster that another market made.</summary>
    public void KnowHoster(string key) => _hosters.Add(key);

    /// <summary>The last call about keys, usage, credits or hosters.</summary>
    public IMessage? Asked { get; private set; }

    /// <summary>What such a call is answered with; an exception is thrown.</summary>
    public Func<IMessage, object> OnAsked { get; set; } = _ => throw new RpcException(new Status(StatusCode.NotFound, "nothing here"));

    private event Action<KeyNotice>? Noticed;

    /// <summary>Refuses the registrations of nodes; null lets them in.</summary>
    public Func<RegisterNodeRequest, RpcException?> OnRegister { get; set; } = _ => null;

    public ConcurrentQueue<RegisterNodeRequest> Registrations { get; } = [];

    /// <summary>What the look-up of a hoster's key says.</summary>
    public KeyRecord HosterRecord { get; set; } = new() { KeyId = "hoster-key", AccountId = "hoster", Kind = KeyKind.Hoster };

    /// <summary>What the key's look-up says; null = unknown.</summary>
    public KeyRecord? Record { get; set; } = new()
    {
        KeyId = "key",
        AccountId = $"account-{RequestId.New(TimeProvider.System)}",
        Kind = KeyKind.Consumer,
        KeyVersion = 1,
        HasCredit = true,
    };

    /// <summary>What look-ups of consumers' keys wait for.</summary>
    public Task BeforeLookUp { get; set; } = Task.CompletedTask;

    /// <summary>Of consumers' keys.</summary>
    public int LookUps => _lookUps;

    public ConcurrentQueue<Hold> Holds { get; } = [];

    public ConcurrentQueue<Checkpoint> Checkpoints { get; } = [];

    public Func<Hold, BillingAnswer> OnHold { get; set; } =
        hold => new BillingAnswer { Held = new Held { Amount = 1, CompletionTokens = hold.CompletionTokens } };

    public Func<Settle, BillingAnswer> OnSettle { get; set; } = _ => new BillingAnswer { Settled = new Settled { Amount = 1 } };

    public FakeIdempotency Idempotency { get; } = new();

    public ConcurrentQueue<GetGenerationRequest> GenerationsAskedFor { get; } = [];

    /// <summary>Null: not found.</summary>
    public Func<GetGenerationRequest, Generation?> OnGetGeneration { get; set; } = _ => null;

    /// <summary>The next settlement that was asked for.</summary>
    public async Task<Settle> SettledAsync(CancellationToken cancellationToken) =>
        await _settles.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);

    /// <summary>Of the small model; none unless set.</summary>
    public string Tokenizer { get; set; } = "";

    /// <summary>The next node's counts that were reported.</summary>
    public async Task<NodeCounts> CountsAsync(CancellationToken cancellationToken) =>
        await _counts.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);

    /// <summary>What probes showed, as it was reported.</summary>
    public ConcurrentQueue<ProbeResult> Probes { get; } = [];

    public bool HasSettled => _settles.Reader.TryPeek(out _);

    public override Task Session(IAsyncStreamReader<BillingCommands> requestStream, IServerStreamWriter<BillingAnswers> responseStream, ServerCallContext context) =>
        new CommandSessionServer<BillingCommands, BillingCommand, BillingAnswers, BillingAnswer>(
            (command, _) => ValueTask.FromResult(Answer(command)), _spans, _stopping.Token, Subscribe).RunAsync(requestStream, responseStream, context);

    /// <summary>Tells every gateway, unasked.</summary>
    public void Tell(KeyNotice notice) => Noticed?.Invoke(notice);

    public override Task<NewKey> CreateKey(CreateKeyRequest request, ServerCallContext context) => AskedAsync<NewKey>(request);

    public override Task<KeyPage> ListKeys(ListKeysRequest request, ServerCallContext context) => AskedAsync<KeyPage>(request);

    public override Task<AccountKey> GetKey(AccountKeyRequest request, ServerCallContext context) => AskedAsync<AccountKey>(request);

    public override Task<AccountKey> ChangeKey(ChangeKeyRequest request, ServerCallContext context) => AskedAsync<AccountKey>(request);

    public override Task<NewKey> RotateKey(RotateKeyRequest request, ServerCallContext context) => AskedAsync<NewKey>(request);

    public override Task<AccountKey> RevokeKey(AccountKeyRequest request, ServerCallContext context) => AskedAsync<AccountKey>(request);

    public override Task<UsageReport> GetUsage(GetUsageRequest request, ServerCallContext context) => AskedAsync<UsageReport>(request);

    public override Task<Credits> GetCredits(GetCreditsRequest request, ServerCallContext context) => AskedAsync<Credits>(request);

    public override Task<Hoster> GetHoster(GetHosterRequest request, ServerCallContext context) => AskedAsync<Hoster>(request);

    public override Task<HosterNodes> ListHosterNodes(ListHosterNodesRequest request, ServerCallContext context) => AskedAsync<HosterNodes>(request);

    public override Task<EarningsReport> GetEarnings(GetEarningsRequest request, ServerCallContext context) => AskedAsync<EarningsReport>(request);

    public override Task<WebhookReply> AcceptWebhook(WebhookRequest request, ServerCallContext context) => AskedAsync<WebhookReply>(request);

    public override async Task<KeyRecord> LookUpKey(LookUpKeyRequest request, ServerCallContext context)
    {
        if (request.KeyHash == ByteString.CopyFrom(ApiKey.Hash(HosterKey)) || _hosters.Any(key => request.KeyHash == ByteString.CopyFrom(ApiKey.Hash(key))))
        {
            return HosterRecord;
        }

        if (request.KeyHash == ByteString.CopyFrom(ApiKey.Hash(ManagementKey)))
        {
            return new KeyRecord { KeyId = "management-key", AccountId = Record!.AccountId, Kind = KeyKind.Management };
        }

        Interlocked.Increment(ref _lookUps);
        await BeforeLookUp;
        return Record is { } record && request.KeyHash == ByteString.CopyFrom(ApiKey.Hash(Key))
            ? record
            : throw new RpcException(new Status(StatusCode.NotFound, "no such key"));
    }

    public override Task<RegisterNodeReply> RegisterNode(RegisterNodeRequest request, ServerCallContext context)
    {
        Registrations.Enqueue(request);
        return OnRegister(request) is { } refused ? throw refused : Task.FromResult(new RegisterNodeReply
        {
            HosterId = "hoster",
            HosterName = "demo-hoster",
            Offers =
            {
                request.Models.Select(model => new RegisteredOffer
                {
                    LocalName = model.LocalName, ModelId = "computeshare/tiny", InCatalogue = true, PriceId = $"price-{request.NodeId}", Prices = model.Prices,
                }),
            },
        });
    }

    public override Task<Catalogue> GetCatalogue(GetCatalogueRequest request, ServerCallContext context) => Task.FromResult(new Catalogue
    {
        Models =
        {
            new CatalogueModel
            {
                ModelId = "computeshare/tiny", Aliases = { "tiny" }, OwnedBy = "computeshare", ContextLength = 1024, QualityRank = 100,
                Created = 1_767_225_600, Description = "Small.", Tokenizer = Tokenizer, TokensPerMessage = 4, TokensPerRequest = 2,
            },
            new CatalogueModel { ModelId = "org/big:free", OwnedBy = "org", Created = 1_767_225_601 },
        },
    });

    public override Task<ReportCountsReply> ReportCounts(ReportCountsRequest request, ServerCallContext context)
    {
        request.Nodes.ToList().ForEach(counts => _counts.Writer.TryWrite(counts));
        return Task.FromResult(new ReportCountsReply { ChangedNodeIds = { request.Nodes.Select(counts => counts.NodeId) } });
    }

    public override Task<ReportProbesReply> ReportProbes(ReportProbesRequest request, ServerCallContext context)
    {
        request.Probes.ToList().ForEach(Probes.Enqueue);
        return Task.FromResult(new ReportProbesReply());
    }

    public override Task<Generation> GetGeneration(GetGenerationRequest request, ServerCallContext context)
    {
        GenerationsAskedFor.Enqueue(request);
        return OnGetGeneration(request) is { } generation
            ? Task.FromResult(generation)
            : throw new RpcException(new Status(StatusCode.NotFound, "no such generation"));
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _spans.Dispose();
    }

    private Subscription Subscribe(Action<Action<BillingAnswers>> say)
    {
        void Tell(KeyNotice notice) => say(message => message.KeyNotices.Add(notice));
        Noticed += Tell;
        return new Subscription(() => Noticed -= Tell);
    }

    private Task<T> AskedAsync<T>(IMessage request)
    {
        Asked = request;
        return Task.FromResult((T)OnAsked(request));
    }

    private BillingAnswer Answer(BillingCommand command)
    {
        switch (command.CommandCase)
        {
            case BillingCommand.CommandOneofCase.Hold:
                Holds.Enqueue(command.Hold);
                return OnHold(command.Hold);
            case BillingCommand.CommandOneofCase.Settle:
                _settles.Writer.TryWrite(command.Settle);
                return OnSettle(command.Settle);
            case BillingCommand.CommandOneofCase.BeginIdempotent:
                return Idempotency.Begin(command.BeginIdempotent);
            case BillingCommand.CommandOneofCase.FinishIdempotent:
                return Idempotency.Finish(command.FinishIdempotent);
            case BillingCommand.CommandOneofCase.Checkpoint:
                Checkpoints.Enqueue(command.Checkpoint);
                break;
        }

        return new BillingAnswer { Done = new Done() };
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
