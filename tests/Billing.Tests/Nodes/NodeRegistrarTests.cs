using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Nodes;
using ComputeShare.Billing.Persistence;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.TestSupport.Processes;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ComputeShare.Billing.Tests.Nodes;

[Trait("Category", "Integration")]
public sealed class NodeRegistrarTests(BillingFixture fixture)
{
    private const long TenDollars = 10_000_000_000;

    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Register_CatalogueAndOwnModel_AreMappedAndPriced()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);

        var reply = await RegisterAsync(Request(hoster, ("tiny", 50), ("my-finetune", 70)));

        Assert.Equal(hoster, reply.HosterId);
        Assert.Equal($"name-of-{hoster}", reply.HosterName);
        Assert.Collection(
            reply.Offers,
            offer =>
            {
                Assert.Equal(("computeshare/tiny", true, 100u), (offer.ModelId, offer.InCatalogue, offer.QualityRank));
                Assert.Equal(["tiny"], offer.Aliases);
                Assert.Equal(50, offer.Prices.Output);
            },
            offer => Assert.Equal(($"name-of-{hoster}/my-finetune", false, 0u), (offer.ModelId, offer.InCatalogue, offer.QualityRank)));
    }

    [Fact]
    public async Task Register_UnchangedOffer_KeepsItsPriceIdAlsoForManyAtOnce()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RegisterAsync(Request(hoster, ("tiny", 50), ("own", 1)))));

        Assert.All(replies, reply => Assert.Equal(replies[0], reply));
    }

    [Fact]
    public async Task Register_AnotherOpenedItsPriceWhileItWaited_KeepsThatPriceId()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var first = (await RegisterAsync(Request(hoster, ("tiny", 50)))).Offers.Single().PriceId;
        await using var other = await Billing.OpenDatabaseAsync(Token);
        await using var transaction = await other.Database.BeginTransactionAsync(Token);
        await other.Database.ExecuteSqlAsync($"SELECT FROM nodes WHERE hoster_id = {hoster} FOR UPDATE", Token);
        var waiting = RegisterAsync(Request(hoster, ("tiny", 51)));
        await Poll.UntilAsync(
            "the other registration waits", () => other.Database.SqlQuery<bool>($"SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS \"Value\"").SingleAsync(Token), WaitLimit, Token);

        await other.Database.ExecuteSqlAsync(
            $"""
            WITH ended AS (UPDATE prices SET valid_to = clock_timestamp() WHERE id = {first} RETURNING node_id, model_id, valid_to)
            INSERT INTO prices (id, node_id, model_id, input, cached_input, output, valid_from)
            SELECT {first + "-b"}, node_id, model_id, 0, 0, 51, valid_to FROM ended
            """,
            Token);
        await transaction.CommitAsync(Token);

        Assert.Equal(first + "-b", (await waiting).Offers.Single().PriceId);
    }

    [Fact]
    public async Task Register_ChangedPrice_ClosesTheOldPriceAndOpensANewOne()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var first = await RegisterAsync(Request(hoster, ("tiny", 50)));

        var second = await RegisterAsync(Request(hoster, ("tiny", 51)));

        Assert.NotEqual(first.Offers[0].PriceId, second.Offers[0].PriceId);
        await using var billing = await Billing.OpenDatabaseAsync(Token);
        var prices = await billing.Prices.Where(price => price.Node!.HosterId == hoster).OrderBy(price => price.Output).ToListAsync(Token);
        Assert.Equal([50L, 51L], prices.Select(price => price.Output));
        Assert.NotNull(prices[0].ValidTo);
        Assert.Null(prices[1].ValidTo);
    }

    [Fact]
    public async Task Register_ChangedPrice_OldLeasesAreSettledAtTheirOwn()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var request = Request(hoster, ("tiny", 50_000_000));
        var old = new Offer(hoster, request.NodeId, (await RegisterAsync(request)).Offers[0].PriceId);
        await RegisterAsync(Request(hoster, ("tiny", 90_000_000)));

        var answer = await Billing.AnswerAsync(Commands.Settle(Commands.NewRequest(), account, Commands.Share(old, 0, 10)), Token);

        Assert.Equal(500, answer.Settled.Amount);
    }

    [Theory]
    [InlineData("tiny", TenDollars + 1)]
    [InlineData("tiny", -1)]
    [InlineData("own", -1)]
    [InlineData("own", long.MaxValue)]
    public async Task Register_PriceOutOfBounds_IsRefusedAndSaysWhich(string model, long output)
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);

        var refused = await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(Request(hoster, (model, output))));

        Assert.Equal(StatusCode.InvalidArgument, refused.Status);
        Assert.Contains("output price", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_TwoLocalModelsThatAreOne_NeedOnePrice()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);

        var reply = await RegisterAsync(Request(hoster, ("tiny", 50), ("computeshare/tiny", 50)));
        var refused = await Assert.ThrowsAsync<RegistrationException>(() =>
            RegisterAsync(Request(hoster, ("tiny", 50), ("computeshare/tiny", 60))));

        Assert.Equal(reply.Offers[0].PriceId, reply.Offers[1].PriceId);
        Assert.Equal(StatusCode.InvalidArgument, refused.Status);
    }

    [Fact]
    public async Task Register_NodeOfAnotherHoster_IsRefused()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var thief = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var request = Request(hoster, ("tiny", 50));
        await RegisterAsync(request);
        request.HosterName = $"name-of-{thief}";

        var refused = await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(request));

        Assert.Equal(StatusCode.PermissionDenied, refused.Status);
    }

    [Fact]
    public async Task Register_HosterByItsKey_IsFoundAndRevokedOneIsNot()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var key = new ApiKeyRow
        {
            Id = RowIds.New(TimeProvider.System),
            AccountId = hoster,
            Kind = KeyKinds.Hoster,
            Hash = ApiKey.Hash(ApiKey.Create(ApiKey.HosterPrefix)),
        };
        await using (var billing = await Billing.OpenDatabaseAsync(Token))
        {
            billing.ApiKeys.Add(key);
            await billing.SaveChangesAsync(Token);
        }

        var request = Request(hoster, ("tiny", 50));
        request.HosterName = "";
        request.HosterKeyHash = ByteString.CopyFrom(key.Hash);
        Assert.Equal(hoster, (await RegisterAsync(request)).HosterId);

        await Billing.ExecuteAsync($"UPDATE api_keys SET revoked = now() WHERE id = '{key.Id}'", Token);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(request))).Status);
    }

    [Fact]
    public async Task Register_TextOfARotatedKeyInItsGrace_IsGoodAndEndsWithIt()
    {
        var hoster = await Billing.NewAccountAsync(AccountKinds.Hoster, Token);
        var keys = Billing.Services.GetRequiredService<KeyWriter>();
        var key = (await keys.CreateAsync(hoster, kind: null, new KeyTerms(), Token))!;
        var rotated = (await keys.RotateAsync(hoster, key.Id, TimeSpan.FromHours(1), Token))!;
        var request = Request(hoster, ("tiny", 50));
        request.HosterName = "";

        foreach (var text in new[] { key.Text, rotated.Text })
        {
            request.HosterKeyHash = ByteString.CopyFrom(ApiKey.Hash(text));
            Assert.Equal(hoster, (await RegisterAsync(request)).HosterId);
        }

        await Billing.ExecuteAsync($"UPDATE api_keys SET previous_until = now() WHERE id = '{key.Id}'", Token);
        request.HosterKeyHash = ByteString.CopyFrom(ApiKey.Hash(key.Text));
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(request))).Status);
    }

    [Fact]
    public async Task Register_NameOfNoHoster_IsNotFound()
    {
        var consumer = await Billing.NewConsumerAsync(0, Token);

        var refused = await Assert.ThrowsAsync<RegistrationException>(() => RegisterAsync(Request(consumer, ("tiny", 50))));

        Assert.Equal(StatusCode.NotFound, refused.Status);
    }

    private static RegisterNodeRequest Request(string hoster, params (string Model, long Output)[] models) => new()
    {
        NodeId = $"node-{hoster}",
        HosterName = $"name-of-{hoster}",
        Models = { models.Select(model => new ServedModel { LocalName = model.Model, Prices = new Prices { Output = model.Output } }) },
    };

    private Task<RegisterNodeReply> RegisterAsync(RegisterNodeRequest request) =>
        Billing.Services.GetRequiredService<NodeRegistrar>().RegisterAsync(request, Token);
}
