using System.Net.Sockets;
using System.Text;
using ComputeShare.ServiceDefaults.Ports;
using ComputeShare.TestSupport.Processes;
using Microsoft.AspNetCore.Builder;

namespace ComputeShare.ServiceDefaults.Tests.Ports;

public sealed class PublicConnectionsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly byte[] Ask = Encoding.ASCII.GetBytes("GET /hello HTTP/1.1\r\nHost: g\r\n\r\n");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Connections:Limit")]
    [InlineData("Connections:PerAddress")]
    public async Task Connections_OneMoreThanAllowed_IsResetAndTheOthersAreServed(string limit)
    {
        await using var service = await StartAsync(limit, "2");
        using var first = await ConnectAsync(service, PortRole.Public);
        using var second = await ConnectAsync(service, PortRole.Public);
        Assert.True(await IsServedAsync(first) && await IsServedAsync(second));

        Assert.False(await IsNewOneServedAsync(service, PortRole.Public));

        Assert.True(await IsServedAsync(first));
        Assert.True(await IsNewOneServedAsync(service, PortRole.Health));
        second.Dispose();
        await Poll.UntilAsync("the place is free again", () => IsNewOneServedAsync(service, PortRole.Public), Limit, Token);
    }

    [Theory]
    [InlineData("Connections:KeepAlive", "")]
    [InlineData("Connections:Headers", "GET /hello HTTP/1.1\r\nHost: g\r\nX: ")]
    public async Task Connection_ThatAsksForNothing_IsClosed(string limit, string said)
    {
        await using var service = await StartAsync(limit, "00:00:01");
        using var client = await ConnectAsync(service, PortRole.Public);
        await client.SendAsync(Encoding.ASCII.GetBytes(said), Token);

        // Nothing else ends this read; headers that came too late are answered before.
        var buffer = new byte[1024];
        while (await client.ReceiveAsync(buffer, Token) > 0)
        {
        }
    }

    [Fact]
    public void Handles_OfThisProcess_AreKnown() => Assert.InRange(FileHandles.Limit(), 64, int.MaxValue);

    private static Task<TestService> StartAsync(string key, string value) => TestService.StartAsync(
        [PortRole.Public, PortRole.Health], map: app => app.MapGet("/hello", () => "hello"), configuration: new() { [key] = value });

    private static async Task<Socket> ConnectAsync(TestService service, PortRole role)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var address = service.AddressOf(role);
        await socket.ConnectAsync(address.Host, address.Port, Token);
        return socket;
    }

    private static async Task<bool> IsNewOneServedAsync(TestService service, PortRole role)
    {
        try
        {
            using var socket = await ConnectAsync(service, role);
            return await IsServedAsync(socket);
        }
        catch (SocketException)
        {
            // Reset while it was still told that it is connected.
            return false;
        }
    }

    private static async Task<bool> IsServedAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync(Ask, Token);
            return await socket.ReceiveAsync(new byte[4096], Token) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
