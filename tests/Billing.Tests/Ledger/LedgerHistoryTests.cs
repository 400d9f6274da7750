using ComputeShare.Billing.Audit;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Tests.Hosting;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ComputeShare.Billing.Tests.Ledger;

/// <summary>Whatever comes in whatever order, together or apart: no money is made, lost or spent twice.</summary>
[Trait("Category", "Integration")]
public sealed class LedgerHistoryTests(BillingFixture fixture)
{
    private const int Requests = 6;
    private const int Accounts = 3;
    private const int Histories = 60;
    private const int Size = 40;

    private static readonly Gen<Step> Steps =
        from what in Gen.Frequency(
            (4, Gen.Constant(StepKind.Hold)),
            (3, Gen.Constant(StepKind.Settle)),
            (1, Gen.Constant(StepKind.Release)),
            (1, Gen.Constant(StepKind.Checkpoint)))
        from request in Gen.Choose(0, Requests - 1)
        from prompt in Gen.Choose(0, 60)
        from completion in Gen.Choose(0, 60)
        from seq in Gen.Choose(1, 4)
        from offer in Gen.Choose(0, 1)
        from together in Gen.Elements(true, true, true, false)
        select new Step(what, request, (uint)prompt, (uint)completion, (uint)seq, offer, together);

    private enum StepKind
    {
        Hold,
        Settle,
        Release,
        Checkpoint,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_AnyOrderOfCommands_KeepsEveryInvariant()
    {
        await using var billing = await RunningBilling.StartAsync(fixture.Postgres, Token);
        Offer[] offers =
        [
            await billing.NewOfferAsync(new TokenPrice(7_333_333, 1_000_001, 13_777_777), Token),
            await billing.NewOfferAsync(new TokenPrice(0, 0, 900_000), Token),
        ];
        foreach (var history in Steps.ListOf().Sample(Size, Histories))
        {
            await PlayAsync(billing, offers, history);
            var report = await billing.Services.GetRequiredService<LedgerAudit>().RunAsync(Token);
            Assert.True(report.Differences == 0, $"{report} after {string.Join("; ", history)}");
        }
    }

    private static async Task PlayAsync(RunningBilling billing, Offer[] offers, IReadOnlyList<Step> history)
    {
        const long Credit = 1500;
        var accounts = new string[Accounts];
        for (var i = 0; i < Accounts; i++)
        {
            accounts[i] = await billing.NewConsumerAsync(Credit, Token);
        }

        var requests = Enumerable.Range(0, Requests).Select(_ => Commands.NewRequest()).ToArray();
        var answers = new List<(Step Step, Task<BillingAnswer> Answer)>();
        foreach (var step in history)
        {
            var command = step.ToCommand(requests[step.Request], accounts[step.Request % Accounts], offers[step.Offer]);
            var answer = billing.AnswerAsync(command, Token).AsTask();
            answers.Add((step, answer));
            if (!step.Together)
            {
                await answer;
            }
        }

        await Task.WhenAll(answers.Select(answer => answer.Answer));
        var settled = new List<(Step Step, Settled Answer)>();
        foreach (var (step, answer) in answers.Where(answer => answer.Step.Kind == StepKind.Settle))
        {
            settled.Add((step, (await answer).Settled));
        }

        foreach (var request in settled.GroupBy(item => item.Step.Request))
        {
            // One settles, every other is told the same amount.
            Assert.Single(request, item => !item.Answer.Duplicate);
            Assert.Single(request.Select(item => item.Answer.Amount).Distinct());
        }

        for (var i = 0; i < Accounts; i++)
        {
            var paid = settled.Where(item => item.Step.Request % Accounts == i && !item.Answer.Duplicate).Sum(item => item.Answer.Amount);
            Assert.Equal(Credit - paid, (await billing.FundsAsync(accounts[i], Token)).Balance);
        }

        await CorrectAsync(billing, [.. settled.Where(item => item.Answer is { Duplicate: false, Amount: > 0 })], requests, accounts);
    }

    /// <summary>Gives parts of what requests cost back, several at once; nobody gives more than he got.</summary>
    private static async Task CorrectAsync(
        RunningBilling billing, (Step Step, Settled Answer)[] settled, string[] requests, string[] accounts)
    {
        var refund = new Refund(billing.Services.GetRequiredService<NpgsqlDataSource>());
        var before = await Task.WhenAll(accounts.Select(async account => (await billing.FundsAsync(account, Token)).Balance));
        var parts = settled.SelectMany(item =>
        {
            var half = Math.Max(1, item.Answer.Amount * (long)(item.Step.Prompt % 3) / 2);
            return new[] { (item.Step, Amount: half, Reference: "half"), (item.Step, Amount: item.Answer.Amount - half, Reference: "rest") };
        }).Where(part => part.Amount > 0 && (part.Reference == "half" || part.Step.Completion % 2 == 0)).ToArray();

        await Task.WhenAll(parts.Concat(parts).Select(part =>
            refund.BookAsync(Guid.ParseExact(requests[part.Step.Request], "N"), new Money(part.Amount), part.Reference, Token)));

        for (var i = 0; i < accounts.Length; i++)
        {
            var given = parts.Where(part => part.Step.Request % Accounts == i).Sum(part => part.Amount);
            Assert.Equal(before[i] + given, (await billing.FundsAsync(accounts[i], Token)).Balance);
        }

        foreach (var part in parts)
        {
            foreach (var book in new[] { Books.HosterEscrow, Books.PlatformFee })
            {
                Assert.True(await billing.EntriesOfAsync(requests[part.Step.Request], book, Token) >= 0, $"{book} of {part}");
            }
        }
    }

    private sealed record Step(StepKind Kind, int Request, uint Prompt, uint Completion, uint Seq, int Offer, bool Together)
    {
        public BillingCommand ToCommand(string request, string account, Offer offer) => Kind switch
        {
            StepKind.Hold => Commands.Hold(request, account, offer, Prompt, Completion, least: Math.Min(1, Completion), Seq),
            StepKind.Settle when Completion % 5 == 0 => Commands.Settle(request, account),
            StepKind.Settle => Commands.Settle(request, account, Commands.Share(offer, Prompt, Completion)),
            StepKind.Release => Commands.Release(request),
            StepKind.Checkpoint => Commands.Checkpoint(request, Commands.Share(offer, Prompt, Completion)),
            _ => throw new InvalidOperationException("Not a kind of step."),
        };
    }
}
