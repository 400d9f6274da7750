using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Keys;

internal static class KeyKinds
{
    public const string Consumer = "consumer";
    public const string Hoster = "hoster";
    public const string Management = "management";

    public static KeyKind ToWire(string kind) => kind switch
    {
        Consumer => KeyKind.Consumer,
        Hoster => KeyKind.Hoster,
        Management => KeyKind.Management,
        _ => KeyKind.Unspecified,
    };
}
