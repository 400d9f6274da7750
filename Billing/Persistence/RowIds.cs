using ComputeShare.Contracts;

namespace ComputeShare.Billing.Persistence;

/// <summary>Ids of accounts, keys and prices: UUIDv7, written like a request's.</summary>
internal static class RowIds
{
    public static string New(TimeProvider clock) => RequestId.New(clock).Value;
}
