using ComputeShare.TestSupport.Processes;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.TestSupport.Crashes;

/// <summary>What the books say after processes were killed, beside what the consumers saw.</summary>
/// <param name="Requests">Asked.</param>
/// <param name="Served">Of these, answered to their end.</param>
/// <param name="Lost">Delivered and not billed, in full or in part, but for the last second before the serving gateway died.</param>
/// <param name="Doubled">Settled twice, settled and still held, or paid otherwise than owed.</param>
/// <param name="Overbilled">Billed for more tokens than arrived, or for anything where nothing arrived.</param>
/// <param name="HoldsLeft">After everything that is silent has been reaped.</param>
/// <param name="LedgerSum">Nano-dollars.</param>
/// <param name="Unbilled">The longest time before a gateway's death of which tokens were given away.</param>
internal sealed record CrashFindings(
    int Requests, int Served, int Lost, int Doubled, int Overbilled, int HoldsLeft, long LedgerSum, TimeSpan Unbilled, IReadOnlyList<string> Faults)
{
    private static readonly TimeSpan ReapLimit = TimeSpan.FromSeconds(60);

    public static Task<CrashFindings> ReadAsync(CrashRun run, Cluster cluster, TimeSpan mayGoUnbilled, CancellationToken cancellationToken) =>
        ReadAsync(
            run.Answers,
            [.. run.Crashes.Where(crash => crash.Replica is not null).Select(crash => (crash.Replica!, crash.At))],
            run.BilledBefore,
            cluster,
            mayGoUnbilled,
            cancellationToken);

    /// <summary>Waits until all holds have ended, and all that waits on disk is settled.</summary>
    /// <param name="answers">All that were asked for since <paramref name="billedBefore"/> was read, and by which gateway.</param>
    /// <param name="deaths">Who was killed when.</param>
    /// <param name="mayGoUnbilled">How much time of tokens a dying gateway may give away.</param>
    public static async Task<CrashFindings> ReadAsync(
        IReadOnlyList<(int Gateway, ChatAnswer Answer)> answers,
        IReadOnlyList<(Replica Replica, DateTimeOffset At)> deaths,
        IReadOnlySet<string> billedBefore,
        Cluster cluster,
        TimeSpan mayGoUnbilled,
        CancellationToken cancellationToken)
    {
        await UntilQuietAsync(cluster, cancellationToken);
        var bills = await cluster.Books.AllAsync(cancellationToken);
        var (lost, overbilled, mispaid, unbilled, faults) = (0, 0, 0, TimeSpan.Zero, new List<string>());
        var known = new HashSet<string>();
        foreach (var (gateway, answer) in answers.Where(entry => entry.Answer.RequestId.Length > 0))
        {
            known.Add(answer.RequestId);
            var bill = bills.GetValueOrDefault(answer.RequestId);
            var billed = bill?.Tokens ?? 0;
            if (!answer.HungUp && !answer.IsOfVectors && (billed > answer.Tokens || (answer.Tokens == 0 && bill is { Amount: > 0 })))
            {
                overbilled++;
                faults.Add($"overbilled: {answer}; {bill}");
            }

            if (billed < Least(answer) || (bill is null && answer is { Completed: true, Arrivals.Count: > 0 }))
            {
                var time = TimeUnbilled(answer, billed, deaths.Where(death => death.Replica == cluster.Gateways[gateway]).Select(death => death.At));
                unbilled = time > unbilled ? time : unbilled;
                if (time > mayGoUnbilled)
                {
                    lost++;
                    faults.Add($"lost: {answer}; {bill}; {time.TotalMilliseconds:0} ms");
                }
            }
        }

        foreach (var (id, bill) in bills)
        {
            if (bill.Paid != bill.Owed || bill.Amount != bill.Owed)
            {
                mispaid++;
                faults.Add($"paid otherwise than owed: {id}; {bill}");
            }

            if (!known.Contains(id) && bill.Amount > 0 && !billedBefore.Contains(id))
            {
                overbilled++;
                faults.Add($"overbilled, nothing arrived: {id}; {bill}");
            }
        }

        return new CrashFindings(
            answers.Count,
            answers.Count(entry => entry.Answer.Completed),
            lost,
            mispaid + (int)await cluster.Books.CountDoubledAsync(cancellationToken),
            overbilled,
            (int)await cluster.Books.CountHoldsAsync(cancellationToken),
            await cluster.Books.SumAsync(cancellationToken),
            unbilled,
            faults);
    }

    private static async Task UntilQuietAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            await Poll.UntilAsync(
                "no hold is left and no settlement waits",
                async () => await cluster.Books.CountHoldsAsync(cancellationToken) == 0
                    && !Directory.EnumerateFiles(cluster.SpoolPath, "*.settle", SearchOption.AllDirectories).Any(),
                ReapLimit,
                cancellationToken);
        }
        catch (TimeoutException)
        {
            // It is a finding.
        }
    }

    // What arrives as a client hangs up may have been on its way when the gateway knew already; what follows it is delivered, as far as
    // anybody can tell, so that more may be billed.
    private static int Least(ChatAnswer answer) => answer.HungUp && answer.Tokens > 0 ? answer.Tokens - answer.Arrivals[^1].Tokens : answer.Tokens;

    /// <summary>From the first token that is not billed to the death of the gateway that served it; endless if that did not die.</summary>
    private static TimeSpan TimeUnbilled(ChatAnswer answer, long billed, IEnumerable<DateTimeOffset> deaths)
    {
        var arrived = 0L;
        var first = answer.Arrivals.FirstOrDefault(arrival => (arrived += arrival.Tokens) > billed, answer.Arrivals[^1]).At;
        // What the client reads of a dead gateway's connection may come a moment after its death.
        var death = deaths.Select(at => (DateTimeOffset?)at).FirstOrDefault(at => at >= first - TimeSpan.FromSeconds(1));
        return death is null ? TimeSpan.MaxValue : death > first ? death.Value - first : TimeSpan.Zero;
    }
}
