using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>
/// This gateway's keyed requests, from their beginning until Billing knows their end. They are part of each checkpoint, also before and
/// after they hold money: one that is not spoken of for a while may be taken over by a retry.
/// </summary>
internal sealed class KeyedRequests
{
    private readonly ConcurrentDictionary<string, KeyedRequest> _running = new();

    public void Add(KeyedRequest request) => _running[request.Id.Value] = request;

    /// <summary>Not what a retry that took it over has begun here.</summary>
    public void Remove(KeyedRequest request) => _running.TryRemove(KeyValuePair.Create(request.Id.Value, request));

    /// <param name="isReported">It is in the checkpoint already.</param>
    public IEnumerable<OpenStream> AliveBeside(Predicate<string> isReported) => _running
        .Where(running => !isReported(running.Key))
        .Select(running => new OpenStream { RequestId = running.Key, OwnerEpoch = running.Value.OwnerEpoch });
}
