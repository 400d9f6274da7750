using System.Text.Json;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>The engine that all peers stand in front of.</summary>
/// <param name="Address">Where it answers.</param>
/// <param name="Time">Its processor time; zero of one that somebody else has started.</param>
/// <param name="Model">What it calls its model, of which answers are not known in advance; null: the paced engine's, whose are <see cref="BenchText"/>.</param>
internal sealed record Upstream(Uri Address, Func<TimeSpan> Time, string? Model)
{
    public static Upstream Of(PacedEngine engine) => new(engine.Address, () => engine.ProcessorTime, Model: null);

    /// <exception cref="HttpRequestException">Nothing answers there.</exception>
    /// <exception cref="InvalidOperationException">It serves no model.</exception>
    public static async Task<Upstream> FindAsync(Uri address)
    {
        using var http = new HttpClient();
        using var models = JsonDocument.Parse(await http.GetStringAsync(new Uri(address, "/v1/models")));
        var model = models.RootElement.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()).FirstOrDefault();
        return new Upstream(address, () => TimeSpan.Zero, model ?? throw new InvalidOperationException($"{address} serves no model."));
    }
}
