using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace ComputeShare.TestSupport.Network;

/// <summary>
/// A TCP proxy of the test's own: what goes through it is late, throttled, held back for a while, lost in silence, or cut, as the test says.
/// Bytes of a connection stay in order, as TCP keeps them.
/// </summary>
public sealed class FaultyLink : IAsyncDisposable
{
    private const int ChunkBytes = 4096;

    // What a router of this kind keeps in its queue; then the sender is made to wait.
    private const int MostChunksUnderway = 64;

    private readonly TcpListener _listener;
    private readonly Uri _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly Random _random;
    private readonly Task _accepting;
    private TaskCompletionSource _up = Done();

    /// <param name="target">The address to which connections go.</param>
    /// <param name="listen">Where it is reached. Default: loopback.</param>
    /// <param name="seed">Of the jitter.</param>
    public FaultyLink(Uri target, IPAddress? listen = null, int seed = 1)
    {
        (_target, _random, _listener) = (target, new Random(seed), new TcpListener(listen ?? IPAddress.Loopback, 0));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>As the target's, with this link's port.</summary>
    public Uri Address => new UriBuilder(_target) { Host = LocalEndPoint.Address.ToString(), Port = LocalEndPoint.Port }.Uri;

    private IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Where the next connection goes. Default: the target.</summary>
    public Func<Uri>? Route { get; init; }

    /// <summary>One way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Up to so much is added to the delay.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Each way of each connection. 0 = no limit.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Connections over which nothing went for this long are forgotten: what is sent on them afterwards is lost without a word.</summary>
    public TimeSpan ForgetIdleAfter { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Connections that stand, the forgotten ones included.</summary>
    public int Connections => _connections.Count;

    /// <summary>Connections made so far.</summary>
    public int Accepted { get; private set; }

    public int Forgotten => _connections.Keys.Count(connection => connection.IsForgotten);

    /// <summary>Nothing gets through until <see cref="Mend"/>; what is sent meanwhile arrives then.</summary>
    public void Cut() => Interlocked.CompareExchange(ref _up, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), _up);

    public void Mend() => _up.TrySetResult();

    /// <summary>The connections that stand lose everything from now on; neither end is told.</summary>
    public void Forget()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.IsForgotten = true;
        }
    }

    /// <summary>Both ends of every connection are told that it is over.</summary>
    public void Reset()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Reset();
        _listener.Dispose();
        _stop.Dispose();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var near = await _listener.AcceptSocketAsync(_stop.Token);
                Accepted++;
                _ = CarryAsync(near);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var connection = new Connection(near);
        _connections[connection] = true;
        try
        {
            await _up.Task.WaitAsync(_stop.Token);
            var target = Route?.Invoke() ?? _target;
            await connection.Far.ConnectAsync(target.Host, target.Port, _stop.Token);
            await Task.WhenAny(
                OneWayAsync(connection, near, connection.Far),
                OneWayAsync(connection, connection.Far, near));
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException)
        {
            // Nobody is there: the near end is told below.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    private async Task OneWayAsync(Connection connection, Socket from, Socket to)
    {
        var underway = Channel.CreateBounded<(long Due, byte[] Bytes)>(MostChunksUnderway);
        var sending = SendAsync(connection, underway.Reader, to);
        var buffer = new byte[ChunkBytes];
        var clock = TimeProvider.System;
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                connection.Touch(clock, ForgetIdleAfter);
                var late = Delay + (Jitter * _random.NextDouble());
                var due = clock.GetTimestamp() + (long)(late.TotalSeconds * clock.TimestampFrequency);
                await underway.Writer.WriteAsync((due, buffer[..count]), _stop.Token);
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other way ends with it.
        }

        underway.Writer.Complete();
        // A forgotten connection hears nothing of the other end's death.
        while (connection.IsForgotten && !connection.IsDisposed && !_stop.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, CancellationToken.None);
        }

        await sending;
    }

    private async Task SendAsync(Connection connection, ChannelReader<(long Due, byte[] Bytes)> underway, Socket to)
    {
        var clock = TimeProvider.System;
        try
        {
            await foreach (var (due, bytes) in underway.ReadAllAsync(_stop.Token))
            {
                if (clock.GetElapsedTime(clock.GetTimestamp(), due) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, clock, _stop.Token);
                }

                await Volatile.Read(ref _up).Task.WaitAsync(_stop.Token);
                if (connection.IsForgotten)
                {
                    continue;
                }

                await to.SendAsync(bytes, _stop.Token);
                if (BytesPerSecond > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds((double)bytes.Length / BytesPerSecond), clock, _stop.Token);
                }
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reading side finds out.
        }
    }

    private sealed class Connection(Socket near) : IDisposable
    {
        private long _last = TimeProvider.System.GetTimestamp();

        public Socket Far { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public bool IsForgotten { get; set; }

        public bool IsDisposed { get; private set; }

        public void Touch(TimeProvider clock, TimeSpan forgetAfter)
        {
            var idle = clock.GetElapsedTime(Interlocked.Exchange(ref _last, clock.GetTimestamp()));
            IsForgotten |= forgetAfter != Timeout.InfiniteTimeSpan && idle > forgetAfter;
        }

        public void Dispose()
        {
            IsDisposed = true;
            near.Dispose();
            Far.Dispose();
        }
    }
}
