using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Tests.Fakes;

/// <summary>Billing's memory of idempotency keys, without its database.</summary>
internal sealed class FakeIdempotency
{
    private readonly ConcurrentDictionary<(string, string), (BeginIdempotent First, FinishIdempotent? End)> _known = new();

    /// <summary>The commands that ended a request.</summary>
    public ConcurrentQueue<FinishIdempotent> Ends { get; } = [];

    /// <summary>Instead of what is remembered; null = that.</summary>
    public Func<BeginIdempotent, BillingAnswer?> OnBegin { get; set; } = _ => null;

    public BillingAnswer Begin(BeginIdempotent begin)
    {
        if (OnBegin(begin) is { } answer)
        {
            return answer;
        }

        var (first, end) = _known.GetOrAdd((begin.AccountId, begin.IdempotencyKey), (begin, null));
        return new BillingAnswer
        {
            IdempotentBegun = new IdempotentBegun
            {
                State = first.RequestId == begin.RequestId ? IdempotentState.Owned
                    : first.BodyHash != begin.BodyHash ? IdempotentState.OtherBody
                    : end is null ? IdempotentState.InFlight
                    : end.Answer.IsEmpty ? IdempotentState.NotKept
                    : IdempotentState.Finished,
                RequestId = first.RequestId,
                OwnerEpoch = 1,
                Answer = end?.Answer ?? Google.Protobuf.ByteString.Empty,
            },
        };
    }

    public BillingAnswer Finish(FinishIdempotent finish)
    {
        var key = (finish.AccountId, finish.IdempotencyKey);
        if (finish.Forget)
        {
            _known.TryRemove(key, out _);
        }
        else if (_known.TryGetValue(key, out var known))
        {
            _known[key] = (known.First, finish);
        }

        Ends.Enqueue(finish);
        return new BillingAnswer { Done = new Done() };
    }
}
