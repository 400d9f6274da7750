using System.Net.Sockets;
using ComputeShare.HosterNode.Reporting;

namespace ComputeShare.HosterNode.Control;

/// <summary>Speaks to the node that runs with a folder, over its socket.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private static readonly Uri Node = new("http://node");

    private readonly HttpClient _http;

    public ControlClient(OwnerFolder folder) => _http = new HttpClient(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(folder.SocketPath, cancellationToken),
    })
    {
        BaseAddress = Node,
        Timeout = AnswerLimit,
    };

    /// <returns>Null: no node runs with this folder.</returns>
    public Task<NodeStatus?> StatusAsync(CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, ControlApi.Paths.Status, null, cancellationToken);

    /// <inheritdoc cref="StatusAsync"/>
    public Task<NodeStatus?> TellAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Post, path, null, cancellationToken);

    /// <inheritdoc cref="StatusAsync"/>
    public Task<NodeStatus?> SetScheduleAsync(string windows, CancellationToken cancellationToken) => AskAsync(
        HttpMethod.Put, ControlApi.Paths.Schedule, JsonContent.Create(new ScheduleWish(windows), ControlJsonContext.Default.ScheduleWish), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<NodeStatus?> AskAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var response = await _http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync(NodeStatusJsonContext.Default.NodeStatus, cancellationToken)
                : throw new ControlException(await ReasonAsync(response, cancellationToken));
        }
        catch (HttpRequestException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new ControlException("The node is another user's: its socket lets nobody else in.");
        }
        catch (HttpRequestException)
        {
            // Nobody there, or it went away meanwhile.
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControlException("The node does not answer.");
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        (await response.Content.ReadFromJsonAsync(ControlJsonContext.Default.ControlRefused, cancellationToken))?.Error?.Message ?? "The node refuses.";

    private static async Task<NetworkStream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The node does not do what it was told; the message is the sentence that its owner reads.</summary>
internal sealed class ControlException(string message) : Exception(message);
