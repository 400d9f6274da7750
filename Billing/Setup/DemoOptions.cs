namespace ComputeShare.Billing.Setup;

/// <summary>The account to try things out with. Development only: elsewhere nobody gets credit for nothing.</summary>
internal sealed class DemoOptions
{
    public const string Section = "Demo";

    /// <summary>The demo account's key, <c>ngk_…</c>; only its hash is stored. Empty: no demo account.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The demo hoster's key, <c>ngh_…</c>, which its nodes join with; only its hash is stored. Empty: it has none.</summary>
    public string HosterKey { get; set; } = "";
}
