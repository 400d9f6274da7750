using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ComputeShare.HosterNode.Engines.OpenAI.Profiles;

/// <summary>Questions that an engine may have no answer to.</summary>
internal static class EngineQuestions
{
    /// <summary>
    /// The page's JSON; undefined where there is none. What stands in it decides who answered: LM Studio says 200 to any path, with an
    /// <c>error</c> in it.
    /// </summary>
    public static async Task<JsonElement> PageAsync(this EngineClient client, string path, CancellationToken cancellationToken) =>
        await client.AskAsync(path, cancellationToken) is { Status: HttpStatusCode.OK, Body: { } page } ? page : default;

    /// <summary>The same, of a page that nothing depends on: when it does not come in time, or breaks, it is not there.</summary>
    public static async Task<JsonElement> OptionalPageAsync(this EngineClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await client.PageAsync(path, cancellationToken);
        }
        catch (Exception error) when (IsNoAnswer(error, cancellationToken))
        {
            return default;
        }
    }

    /// <summary>Two gauges of a page of metrics; null where the first is not among them.</summary>
    public static async Task<EngineLoad?> GaugesAsync(this EngineClient client, string running, string waiting, CancellationToken cancellationToken)
    {
        try
        {
            var metrics = await client.AskTextAsync(EnginePaths.Metrics, cancellationToken);
            return Gauge(metrics, running) is { } count ? new EngineLoad(count, Gauge(metrics, waiting) ?? 0) : null;
        }
        catch (Exception error) when (IsNoAnswer(error, cancellationToken))
        {
            return null;
        }
    }

    /// <summary>Asks a model for an embedding, because nothing else tells whether it makes them.</summary>
    public static async Task<bool> EmbedsAsync(this EngineClient client, string model, CancellationToken cancellationToken)
    {
        var body = $$"""{"model":{{JsonSerializer.Serialize(model)}},"input":["x"],"encoding_format":"float"}""";
        var answer = await client.AskAsync(EnginePaths.Embeddings, body, cancellationToken);
        return answer is { Status: HttpStatusCode.OK, Body: { } json } && json.Get("data").Items().Any();
    }

    /// <summary>A gauge's sum over its labels, which tell models and ranks apart; null where there is none.</summary>
    private static int? Gauge(string metrics, string name)
    {
        double? sum = null;
        foreach (var line in metrics.EnumerateLines())
        {
            var isOf = line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ';
            if (isOf && double.TryParse(line[(line.LastIndexOf(' ') + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                sum = (sum ?? 0) + value;
            }
        }

        return sum is >= 0 and <= int.MaxValue ? (int)sum : null;
    }

    private static bool IsNoAnswer(Exception error, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && error is HttpRequestException or IOException or OperationCanceledException;
}
