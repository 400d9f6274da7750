using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using Google.Protobuf;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// What a node's models are called and cost on the marketplace. Billing says so (<c>RegisterNode</c>), and is asked again only when the
/// node's offer changes.
/// </summary>
internal sealed class NodeOffers(ConfiguredNode node)
{
    private ByteString? _registeredAs;
    private RegisterNodeReply? _reply;

    /// <exception cref="Grpc.Core.RpcException">Billing is away, or refuses the node.</exception>
    public async Task<NodeReport> ReportAsync(NodeState state, Billing.BillingClient billing, CancellationToken cancellationToken)
    {
        var request = new RegisterNodeRequest { NodeId = node.Id, HosterName = node.Hoster };
        foreach (var model in state.Models)
        {
            // Measured speed changes all the time and is no part of the offer.
            var offer = model.Clone();
            offer.Speed = null;
            request.Models.Add(offer);
        }

        var offered = request.ToByteString();
        if (_reply is null || offered != _registeredAs)
        {
            _reply = await billing.RegisterNodeAsync(request, deadline: null, cancellationToken: cancellationToken);
            _registeredAs = offered;
        }

        return new NodeReport
        {
            State = state,
            HosterId = _reply.HosterId,
            HosterName = _reply.HosterName,
            Offers = { _reply.Offers.Select(Offer) },
        };
    }

    private static Offer Offer(RegisteredOffer registered) => new()
    {
        LocalName = registered.LocalName,
        ModelId = registered.ModelId,
        InCatalogue = registered.InCatalogue,
        Price = new OfferedPrice { PriceId = registered.PriceId, Prices = registered.Prices },
        Aliases = { registered.Aliases },
        QualityRank = registered.QualityRank,
    };
}
