using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.OpenAI.Models;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.OpenAI;

/// <summary>What can be asked for: <c>auto</c>, the catalogue (Billing), and what live nodes offer beside it (Scheduler).</summary>
internal sealed class ModelDirectory(BillingSessions billing, SchedulerSessions schedulers, GatewayReplica replica, TimeProvider clock, ILogger<ModelDirectory> logger)
{
    public const string Auto = "auto";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private volatile Listing? _listing;

    /// <returns>`auto` first; null when Billing or the Scheduler is away.</returns>
    public async Task<IReadOnlyList<Model>?> ListAsync(CancellationToken cancellationToken) => (await LoadAsync(cancellationToken))?.Models;

    /// <returns>True only when that is certain of all: neither id nor alias of a catalogue's model, nor offered by a live node.</returns>
    public async Task<bool> AreUnknownAsync(IReadOnlyList<string> models, CancellationToken cancellationToken) =>
        await LoadAsync(cancellationToken) is { } listing && !models.Any(listing.Names.Contains);

    private async Task<Listing?> LoadAsync(CancellationToken cancellationToken)
    {
        if (_listing is { } known && clock.GetElapsedTime(known.At) < Fresh)
        {
            return known;
        }

        try
        {
            var at = clock.GetTimestamp();
            var catalogue = await billing.Client(replica.Name).GetCatalogueAsync(new GetCatalogueRequest(), cancellationToken: cancellationToken);
            var live = await schedulers.Client(replica.Name).ListLiveModelsAsync(new ListLiveModelsRequest(), cancellationToken: cancellationToken);
            var models = ModelEntries.Of(catalogue, live);
            var names = models.SelectMany(model => model.Aliases.Append(model.Id)).ToHashSet();
            return _listing = new Listing(models, names, at);
        }
        catch (Exception error) when (error is SessionLostException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            OpenAILog.ModelsUnknown(logger, error.Message);
            return null;
        }
    }

    private sealed record Listing(IReadOnlyList<Model> Models, HashSet<string> Names, long At);
}
