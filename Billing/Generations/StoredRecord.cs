using ComputeShare.Contracts.Billing;
using Google.Protobuf;

namespace ComputeShare.Billing.Generations;

/// <summary>A GenerationRecord in a jsonb column, in the wire's JSON form.</summary>
internal static class StoredRecord
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static string Write(GenerationRecord record) => JsonFormatter.Default.Format(record);

    public static GenerationRecord Read(string json) => Parser.Parse<GenerationRecord>(json);
}
