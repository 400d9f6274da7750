using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.Scheduling;

namespace ComputeShare.Gateway.Tests.Scheduling;

public sealed class LeasesInUseTests
{
    private readonly LeasesInUse _leases = new();

    [Fact]
    public async Task Renewal_WithoutLeases_AsksNobody() =>
        await _leases.RenewAsync(_ => throw new InvalidOperationException("there is nothing to renew"));

    [Fact]
    public void Remove_WhileNothingIsRenewed_NeedNotWait()
    {
        _leases.Add(Lease("one"));

        Assert.True(_leases.Remove("one").IsCompleted);
    }

    [Fact]
    public async Task Remove_WhileARenewalIsUnderWay_WaitsForItAndIsInNoLaterOne()
    {
        var answered = new TaskCompletionSource();
        _leases.Add(Lease("one"));
        _leases.Add(Lease("two"));
        var renewal = _leases.RenewAsync(_ => answered.Task);

        var removed = _leases.Remove("one");
        Assert.False(removed.IsCompleted);
        answered.SetResult();
        await renewal;
        await removed;

        await _leases.RenewAsync(leases =>
        {
            Assert.Equal(["two"], leases.Select(lease => lease.LeaseId));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Remove_WhileARenewalFails_GoesOn()
    {
        var answered = new TaskCompletionSource();
        _leases.Add(Lease("one"));
        var renewal = _leases.RenewAsync(_ => answered.Task);
        var removed = _leases.Remove("one");

        answered.SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => renewal);
        await removed;
    }

    private static Reserved Lease(string id) => new() { LeaseId = id, NodeId = "node" };
}
