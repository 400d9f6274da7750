using ComputeShare.Contracts.Billing;
using Google.Protobuf;

namespace ComputeShare.Billing.Generations;

/// <summary>Shares in a jsonb column: an array of the wire's Share in its JSON form.</summary>
internal static class StoredShares
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static string Write(IEnumerable<Share> shares) =>
        $"[{string.Join(',', shares.Select(share => JsonFormatter.Default.Format(share)))}]";

    public static IEnumerable<Share> Read(string json) => Parser.Parse<OpenStream>($$"""{"shares":{{json}}}""").Shares;
}
