using ComputeShare.Contracts.Inference;

namespace ComputeShare.Gateway.Streaming.Frames;

/// <summary>The frames of one call to a node. One read at a time.</summary>
internal interface IFrameStream : IDisposable
{
    /// <summary>Until the next read: the stream may write the next frame over it.</summary>
    Frame Current { get; }

    /// <returns>False: the node has ended the call.</returns>
    /// <exception cref="IOException">The call broke, or it brought what is no frame; <see cref="HttpRequestException"/> before its answer began.</exception>
    ValueTask<bool> ReadAsync();
}
