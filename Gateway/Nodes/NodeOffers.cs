using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.Sessions;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>
/// What a node's models are called and cost on the marketplace. Billing says so (<c>RegisterNode</c>), and is asked again when the
/// node's offer changes, when a price that was set ahead begins, and once a minute: a hoster key that has ended ends the node's work.
/// </summary>
internal sealed class NodeOffers(JoinedNode node, BillingSessions billing, TimeProvider clock)
{
    private static readonly TimeSpan HoldsFor = TimeSpan.FromMinutes(1);

    private ByteString? _registeredAs;
    private RegisterNodeReply? _reply;
    private long _registeredAt;
    private TimeSpan _holdsFor = HoldsFor;
    private volatile bool _isStale;
    private volatile string _hosterId = "";

    /// <summary>Whose node it is, as Billing said last.</summary>
    public string HosterId => _hosterId;

    /// <summary>The node id is nobody's yet, or the hoster's whose key this is; it is from now on.</summary>
    /// <exception cref="RequestRefusedException">It is another's.</exception>
    /// <exception cref="SessionLostException">Billing is away.</exception>
    public Task ClaimIdAsync(CancellationToken cancellationToken) => RegisterAsync(NewRequest(), cancellationToken);

    /// <exception cref="RequestRefusedException">The node may not be offered.</exception>
    /// <exception cref="SessionLostException">Billing is away, and does not know this offer yet.</exception>
    public async Task<NodeReport> ReportAsync(NodeState state, CancellationToken cancellationToken)
    {
        var request = NewRequest();
        foreach (var model in state.Models)
        {
            // Measured speed changes all the time and is no part of the offer.
            var offer = model.Clone();
            offer.Speed = null;
            request.Models.Add(offer);
        }

        var offered = request.ToByteString();
        var isKnown = _reply is not null && offered == _registeredAs;
        if (!isKnown || _isStale || clock.GetElapsedTime(_registeredAt) >= _holdsFor)
        {
            try
            {
                _isStale = false;
                _reply = await RegisterAsync(request, cancellationToken);
                (_registeredAs, _registeredAt) = (offered, clock.GetTimestamp());
                _holdsFor = _reply.NextPriceInMs is > 0 and var wait && wait < HoldsFor.TotalMilliseconds ? TimeSpan.FromMilliseconds(wait) : HoldsFor;
            }
            catch (SessionLostException) when (isKnown)
            {
                // What it said a minute ago still holds.
            }
        }

        return new NodeReport
        {
            State = state,
            HosterId = _reply!.HosterId,
            HosterName = _reply.HosterName,
            Offers = { _reply.Offers.Select(Offer) },
            CountsFound = _reply.CountsFound,
            CountsBarred = _reply.CountsBarred,
            ProbesFound = _reply.ProbesFound,
            ProbesBarred = _reply.ProbesBarred,
        };
    }

    /// <summary>Billing knows something new of the node: the next report asks for it.</summary>
    public void Forget() => _isStale = true;

    private RegisterNodeRequest NewRequest() => new() { NodeId = node.Id, HosterKeyHash = node.HosterKeyHash };

    private async Task<RegisterNodeReply> RegisterAsync(RegisterNodeRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await billing.Client(node.Id).RegisterNodeAsync(request, cancellationToken: cancellationToken);
            _hosterId = reply.HosterId;
            return reply;
        }
        catch (RpcException error) when (NodeRefusals.OfBilling(error) is { } refusal)
        {
            throw new RequestRefusedException(refusal);
        }
        catch (RpcException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SessionLostException("billing", error.StatusCode.ToString());
        }
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
