using Grpc.Core;

namespace ComputeShare.Gateway.Nodes;

/// <summary>The one HTTP/2 connection to a node, however it came about.</summary>
internal abstract class NodeChannel
{
    /// <summary>For the rare calls. They carry the node's dial token.</summary>
    public abstract CallInvoker Invoker { get; }

    /// <summary>For those that tokens come through.</summary>
    public abstract NodeWay Way { get; }

    /// <summary>The watch is over, but streams on the same connection may go on. Closes it when nothing runs on it any more.</summary>
    public abstract Task CloseLaterAsync();
}
