using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Keys;

internal static class KeyKinds
{
    public const string Consumer = "consumer";
    public const string Hoster = "hoster";
    public const string Management = "management";

    /// <summary>What the text of such a key begins with.</summary>
    public static string Prefix(string kind) => kind switch
    {
        Consumer => ApiKey.ConsumerPrefix,
        Hoster => ApiKey.HosterPrefix,
        Management => ApiKey.ManagementPrefix,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No kind of key."),
    };

    public static KeyKind ToWire(string kind) => kind switch
    {
        Consumer => KeyKind.Consumer,
        Hoster => KeyKind.Hoster,
        Management => KeyKind.Management,
        _ => KeyKind.Unspecified,
    };
}
