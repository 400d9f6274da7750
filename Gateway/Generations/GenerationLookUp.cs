using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Generations;

/// <summary>
/// Finds a request of an account: at this gateway while it runs, at Billing once it is settled. In between, and for requests of other
/// gateways, it is asked for a few times more.
/// </summary>
internal sealed class GenerationLookUp(RunningRequests running, BillingSessions billing, IOptions<GenerationOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    // Longer than any request lasts: what is older and unknown is not on its way, and clocks are not that far apart.
    private static readonly TimeSpan MayBeOnItsWay = TimeSpan.FromHours(1);

    /// <returns>Null: there is none, or it is another account's.</returns>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public async Task<GenerationBody?> FindAsync(RequestId id, string accountId, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            if (running.Find(id, accountId) is { } context)
            {
                return GenerationView.InProgress(context);
            }

            if (await AskAsync(id, accountId, cancellationToken) is { } generation)
            {
                return GenerationView.Settled(id, generation);
            }

            var left = options.Value.WaitForSettlement - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || (clock.GetUtcNow() - GenerationId.CreatedAt(id)).Duration() > MayBeOnItsWay)
            {
                return null;
            }

            await Task.Delay(pause < left ? pause : left, clock, cancellationToken);
            pause *= 2;
        }
    }

    private async Task<Generation?> AskAsync(RequestId id, string accountId, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetGenerationRequest { RequestId = id.Value, AccountId = accountId };
            return await billing.Client(accountId).GetGenerationAsync(request, cancellationToken: cancellationToken);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionLostException("billing", error.StatusCode.ToString());
        }
    }
}
