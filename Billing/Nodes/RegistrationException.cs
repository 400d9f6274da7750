using Grpc.Core;

namespace ComputeShare.Billing.Nodes;

/// <summary>Why a node is not registered: a status that RegisterNode documents, and a sentence that its hoster may read.</summary>
internal sealed class RegistrationException(StatusCode status, string message) : Exception(message)
{
    public StatusCode Status { get; } = status;
}
