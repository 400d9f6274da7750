using System.Globalization;
using System.Net;

namespace ComputeShare.HosterNode.Tunnels;

/// <summary>Where the web server listens for what comes out of the node's tunnel number so and so.</summary>
internal sealed class TunnelEndPoint(int number) : EndPoint
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"tunnel-{number}");
}
