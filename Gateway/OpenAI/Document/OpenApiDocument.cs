using System.Reflection;

namespace ComputeShare.Gateway.OpenAI.Document;

/// <summary>
/// GET /openapi/v1.json: what is served, for whoever generates a client. Needs no key: it says nothing that the documentation does not.
/// Tests compare it with the routes and with what the readers know.
/// </summary>
internal static class OpenApiDocument
{
    public const string Route = "/openapi/v1.json";

    private const string Resource = "openapi.json";

    private static readonly Lazy<byte[]> Document = new(Read);

    public static ReadOnlyMemory<byte> Bytes => Document.Value;

    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes) => routes.MapGet(Route, SendAsync);

    private static async Task SendAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Bytes.Length;
        await context.Response.BodyWriter.WriteAsync(Bytes, context.RequestAborted);
    }

    private static byte[] Read()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
