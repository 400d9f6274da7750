using ComputeShare.Contracts.Billing;
using ComputeShare.Gateway.Sessions;
using Grpc.Core;

namespace ComputeShare.Gateway.Metering;

/// <summary>What the catalogue (Billing) says of counting, with the tokenizers it names. Kept when Billing is away.</summary>
internal sealed class ModelMeters(BillingSessions billing, TokenizerFolder tokenizers, GatewayReplica replica, ILogger<ModelMeters> logger)
{
    private volatile MeterTable? _table;

    /// <summary>Asks Billing only where it has not answered yet.</summary>
    public ValueTask<MeterTable> CurrentAsync(CancellationToken cancellationToken) => _table is { } table ? new(table) : new(RefreshAsync(cancellationToken));

    public async Task<MeterTable> RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            var catalogue = await billing.Client(replica.Name).GetCatalogueAsync(new GetCatalogueRequest(), cancellationToken: cancellationToken);
            return _table = new MeterTable([.. catalogue.Models.Select(Model)]);
        }
        catch (Exception error) when (error is SessionLostException or RpcException && !cancellationToken.IsCancellationRequested)
        {
            MeteringLog.CatalogueUnknown(logger, error.Message);
            return _table ?? MeterTable.Empty;
        }
    }

    private (string Id, IEnumerable<string> Aliases, ModelMeter Meter) Model(CatalogueModel model) =>
        (model.ModelId, model.Aliases, new ModelMeter(tokenizers.Find(model.Tokenizer), model.TokensPerMessage, model.TokensPerRequest));
}
