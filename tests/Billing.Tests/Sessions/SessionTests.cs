using System.Diagnostics;
using System.Net;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Network;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Billing.Tests.Sessions;

[Trait("Category", "Integration")]
public sealed class SessionTests(BillingFixture fixture)
{
    private static readonly TokenPrice TenEach = new(10_000_000, 10_000_000, 10_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RunningBilling Billing => fixture.Billing;

    [Fact]
    public async Task Session_HoldsThenSettlesOverLoopback_AnswersEach()
    {
        await using var session = GatewaySession.Open(Billing);
        var offer = await Billing.NewOfferAsync(TenEach, Token);
        var account = await Billing.NewConsumerAsync(1_000_000, Token);
        var requests = Enumerable.Range(0, 50).Select(_ => Commands.NewRequest()).ToArray();

        var held = await session.AskAsync(Token, [.. requests.Select(request => Commands.Hold(request, account, offer, 100, 50))]);
        var settled = await session.AskAsync(
            Token, [.. requests.Select(request => Commands.Settle(request, account, Commands.Share(offer, 100, 20)))]);

        Assert.All(held, answer => Assert.Equal(1500, answer.Held.Amount));
        Assert.All(settled, answer => Assert.Equal(new Settled { Amount = 1200 }, answer.Settled));
        Assert.Equal((1_000_000 - (50 * 1200), 0), await Billing.FundsAsync(account, Token));
    }

    [Fact]
    public async Task Session_WrongSecret_IsUnauthenticated()
    {
        await using var session = GatewaySession.Open(Billing, "not-the-services-secret-of-these-tests");

        // Nothing is written: a write that meets the refusal is told Cancelled, now and then.
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await session.NoticesAsync(Token).FirstAsync(Token));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task Call_OfAnyMethodWithoutTheSecret_IsUnauthenticated()
    {
        var service = Contracts.Billing.Billing.Descriptor;
        var methods = service.Methods.Select(method => $"/{service.FullName}/{method.Name}").Append("/nowhere");

        var answers = await InternalPort.AskAsync(Billing.InternalAddress, methods, bearer: null, Token);

        Assert.All(answers, answer => Assert.Equal((answer.Path, $"{(int)StatusCode.Unauthenticated}"), answer));
    }

    [Fact]
    public async Task Session_EmptyCommand_IsRejectedAndTheSessionGoesOn()
    {
        await using var session = GatewaySession.Open(Billing);

        var answers = await session.AskAsync(Token, new BillingCommand(), Commands.Release(Commands.NewRequest()));

        Assert.Equal(BillingAnswer.AnswerOneofCase.Rejected, answers[0].AnswerCase);
        Assert.Equal(BillingAnswer.AnswerOneofCase.Done, answers[1].AnswerCase);
    }

    [Fact]
    public async Task Session_CommandWithTraceparent_HasASpanOfItsOwnWithTheRequestsId()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "ComputeShare.Billing",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var session = GatewaySession.Open(Billing);
        var request = Commands.NewRequest();
        var command = Commands.Release(request);
        var trace = ActivityTraceId.CreateRandom();
        command.Traceparent = $"00-{trace}-{ActivitySpanId.CreateRandom()}-01";

        await session.AskAsync(Token, command);

        // The span ends a moment after the answer is on its way.
        await ComputeShare.TestSupport.Processes.Poll.UntilAsync("the span ended", Ended, TimeSpan.FromSeconds(5), Token);
        var span = spans.Single(span => span.TraceId == trace);
        Assert.Equal(("ReleaseHold", ActivityKind.Server), (span.OperationName, span.Kind));
        Assert.Equal(request, span.GetTagItem("computeshare.request.id"));

        bool Ended()
        {
            lock (spans)
            {
                return spans.Exists(span => span.TraceId == trace);
            }
        }
    }

    [Fact]
    public async Task Unary_UnknownThings_AreNotFound()
    {
        using var channel = StreamingChannel.Open(Billing.InternalAddress, TimeSpan.FromSeconds(2));
        var client = new Contracts.Billing.Billing.BillingClient(channel.WithSecret(RunningBilling.Secret));
        var unknownKey = new LookUpKeyRequest { KeyHash = ByteString.CopyFrom(new byte[32]) };
        var unknownHoster = new RegisterNodeRequest { NodeId = "a", HosterName = "nobody" };
        var unknownRequest = new GetGenerationRequest { RequestId = Commands.NewRequest() };
        var calls = new Func<Task>[]
        {
            async () => await client.LookUpKeyAsync(unknownKey, cancellationToken: Token),
            async () => await client.RegisterNodeAsync(unknownHoster, cancellationToken: Token),
            async () => await client.GetGenerationAsync(unknownRequest, cancellationToken: Token),
            async () => await client.GetGenerationAsync(new GetGenerationRequest { RequestId = "junk" }, cancellationToken: Token),
        };

        foreach (var call in calls)
        {
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
        }
    }

    [Fact]
    public async Task GetCatalogue_SeededDatabase_HasTheBuiltInModel()
    {
        using var channel = StreamingChannel.Open(Billing.InternalAddress, TimeSpan.FromSeconds(2));
        var client = new Contracts.Billing.Billing.BillingClient(channel.WithSecret(RunningBilling.Secret));

        var catalogue = await client.GetCatalogueAsync(new GetCatalogueRequest(), cancellationToken: Token);

        var model = Assert.Single(catalogue.Models);
        Assert.Equal("computeshare/tiny", model.ModelId);
        Assert.Equal(["tiny"], model.Aliases);
        Assert.Equal("computeshare", model.OwnedBy);
        Assert.Equal(10_000_000_000, model.HighestPrice.Output);
        Assert.True(model.Created > 0);
    }

    [Fact]
    public async Task Health_RunningService_AnswersOnItsPortOnly()
    {
        using var http = new HttpClient { BaseAddress = Billing.HealthAddress };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/alive", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/health", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await http.GetAsync(new Uri("/computeshare.billing.v1.Billing/GetCatalogue", UriKind.Relative), Token)).StatusCode);
    }
}
