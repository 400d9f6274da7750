namespace ComputeShare.HosterNode.Control;

/// <summary>
/// Has the folder for the node alone before the web server opens the socket in it, which a process that died may have left behind, and
/// keeps others from the socket afterwards.
/// </summary>
internal sealed class ControlSocket(OwnerFolder folder, IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private IDisposable? _lock;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _lock = folder.Create().Lock();
        File.Delete(folder.SocketPath);
        lifetime.ApplicationStarted.Register(folder.ProtectSocket);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _lock?.Dispose();
}
