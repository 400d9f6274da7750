using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ComputeShare.AppHost.Servers;

/// <summary>Healthy when the server takes the password and answers a PING; a server that is loading does not.</summary>
internal sealed class RedisHealthCheck(EndpointReference endpoint, string password) : IHealthCheck
{
    private const string Answers = "+OK\r\n+PONG\r\n";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {password}\r\nPING\r\n"), cancellationToken);
            var buffer = new byte[Answers.Length];
            await stream.ReadExactlyAsync(buffer, cancellationToken);
            return Encoding.ASCII.GetString(buffer) == Answers ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Redis refuses");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy("Redis does not answer");
        }
    }
}
