using System.IO.Pipelines;

namespace ComputeShare.Gateway.Streaming;

/// <summary>One operation's answer as a JSON object.</summary>
internal interface IObjectFormat
{
    /// <param name="output">Where to; flushed at the end.</param>
    /// <param name="choices">In order, as they ended.</param>
    /// <param name="cancellationToken">The client has left.</param>
    Task WriteAsync(PipeWriter output, IReadOnlyList<CollectedChoice> choices, CancellationToken cancellationToken);
}
