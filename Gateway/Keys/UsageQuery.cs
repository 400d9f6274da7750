using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Keys;

/// <summary>The parameters of <c>/v1/usage</c>: <c>start_time</c>, <c>end_time</c> (Unix seconds), <c>group_by</c>, <c>key_id</c>.</summary>
internal static class UsageQuery
{
    private const long Latest = 4_102_444_800; // 2100
    private const int DefaultDays = 30;
    private const int MostDays = 366;
    private const long SecondsPerDay = 86_400;

    private static readonly string[] Groups = ["key", "model", "day"];

    private static readonly OpenAIError OwnUsageOnly = new(
        StatusCodes.Status403Forbidden, OpenAIError.InvalidRequest, "With this key you can see its own usage only.", "insufficient_permissions", "key_id");

    /// <exception cref="RequestRefusedException">A parameter is wrong.</exception>
    public static GetUsageRequest Read(IQueryCollection query, KeyRecord caller, DateTimeOffset now)
    {
        var end = QueryFields.ReadInteger(query, "end_time", now.ToUnixTimeSeconds() + 1, 0, Latest);
        var start = QueryFields.ReadInteger(query, "start_time", Math.Max(0, end - (DefaultDays * SecondsPerDay)), 0, Latest);
        if (start > end || end - start > MostDays * SecondsPerDay)
        {
            throw RequestRefusedException.For("start_time", $"it must be before end_time, by at most {MostDays} days");
        }

        var groups = QueryFields.ReadSome(query, "group_by", Groups, absent: Groups);
        return new GetUsageRequest
        {
            AccountId = caller.AccountId,
            KeyId = KeyOf(caller, query["key_id"].ToString()),
            From = start * 1000,
            To = end * 1000,
            ByKey = groups.Contains("key"),
            ByModel = groups.Contains("model"),
            ByDay = groups.Contains("day"),
        };
    }

    private static string KeyOf(KeyRecord caller, string asked) => caller.Kind == KeyKind.Management ? asked
        : asked.Length == 0 || asked == caller.KeyId ? caller.KeyId
        : throw new RequestRefusedException(OwnUsageOnly);
}
