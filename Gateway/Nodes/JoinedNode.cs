using Google.Protobuf;

namespace ComputeShare.Gateway.Nodes;

/// <summary>A node as it asked to be called.</summary>
/// <param name="Id">The node's, which belongs to the hoster of the key.</param>
/// <param name="Address">Such as <c>http://10.0.0.7:5101</c>, or <c>tunnel:</c> and the tunnel's id.</param>
/// <param name="DialToken">What the node demands of its caller; never logged.</param>
/// <param name="Incarnation">Random per start of the node's process; a new one supersedes the old. May be empty.</param>
/// <param name="HosterKeyHash">Of the key that it asked with.</param>
internal sealed record JoinedNode(string Id, Uri Address, string DialToken, string Incarnation, ByteString HosterKeyHash)
{
    // A record's generated text would print the token.
    public override string ToString() => Id;
}
