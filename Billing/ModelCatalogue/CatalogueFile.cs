using System.Text.Json;
using System.Text.Json.Serialization;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.ModelCatalogue;

/// <summary><c>catalogue.json</c>: the models that every installation starts with.</summary>
internal sealed record CatalogueFile(IReadOnlyList<CatalogueEntry> Models)
{
    public static string DefaultPath { get; } = Path.Combine(AppContext.BaseDirectory, "catalogue.json");

    /// <exception cref="JsonException">A field is missing, unknown or of another type; the message says which.</exception>
    public static async Task<CatalogueFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync(file, CatalogueJsonContext.Default.CatalogueFile, cancellationToken)
            ?? throw new JsonException($"{path} is empty.");
    }
}

internal sealed record CatalogueEntry(
    string Id,
    string[] Aliases,
    string[] Digests,
    string OwnedBy,
    int ContextLength,
    string Tokenizer,
    int TokensPerMessage,
    int TokensPerRequest,
    int QualityRank,
    TokenPrice LowestPrice,
    TokenPrice HighestPrice,
    string Description,
    DateTimeOffset Created);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CatalogueFile))]
internal sealed partial class CatalogueJsonContext : JsonSerializerContext;
