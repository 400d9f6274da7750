using System.Text.Json.Serialization;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Gateway.Keys;

/// <summary>A key as <c>/v1/keys</c> tells it; moments are Unix seconds.</summary>
/// <param name="Key">Its text: only in the answer that made it.</param>
/// <param name="AllowedModels">Empty = all.</param>
internal sealed record KeyObject(
    string Id,
    string Name,
    string? Key,
    long CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? ExpiresAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? RevokedAt,
    IReadOnlyList<string> AllowedModels,
    IReadOnlyList<SpendCapObject> SpendCaps,
    KeyLimitsObject Limits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Policy)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "api_key";

    public static KeyObject Of(AccountKey key, string? text = null) => new(
        key.KeyId,
        key.Terms.Name,
        text,
        key.Created / 1000,
        Moment(key.Terms.ExpiresAt),
        Moment(key.Revoked),
        key.Terms.AllowedModels.Models,
        [.. key.Terms.SpendCaps.Caps.Select(SpendCapObject.Of)],
        KeyLimitsObject.Of(key.Terms.Limits),
        key.Terms.Policy.Length > 0 ? key.Terms.Policy : null);

    internal static long? Moment(long unixMilliseconds) => unixMilliseconds == 0 ? null : unixMilliseconds / 1000;

    // The key must not come out by a log of the record.
    public override string ToString() => Id;
}

/// <param name="SpentUsd">By settled requests of this window.</param>
/// <param name="HeldUsd">For requests that run.</param>
/// <param name="ResetsAt">Null: never.</param>
internal sealed record SpendCapObject(
    string Window,
    decimal LimitUsd,
    decimal SpentUsd,
    decimal HeldUsd,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? ResetsAt)
{
    public static SpendCapObject Of(SpendCap cap) =>
        new(cap.Window, Dollars.Of(cap.Amount), Dollars.Of(cap.Spent), Dollars.Of(cap.Held), KeyObject.Moment(cap.ResetsAt));
}

/// <summary>0 = none.</summary>
internal sealed record KeyLimitsObject(uint ParallelRequests, uint RequestsPerMinute, uint TokensPerMinute)
{
    public static KeyLimitsObject Of(KeyLimits limits) => new(limits.ParallelRequests, limits.RequestsPerMinute, limits.TokensPerMinute);
}

internal sealed record KeyList(IReadOnlyList<KeyObject> Data, bool HasMore)
{
    [JsonPropertyOrder(-1)]
    public string Object { get; } = "list";

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FirstId => Data.Count > 0 ? Data[0].Id : null;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? LastId => Data.Count > 0 ? Data[^1].Id : null;
}
