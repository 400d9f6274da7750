using System.Globalization;

namespace ComputeShare.Benchmarks.Gateways;

/// <summary>What streams keep in the gateway's memory that stay open and say nothing.</summary>
internal static class OpenStreams
{
    private const int Streams = 10_000;
    private const int Nodes = 10;
    private const int SlotsPerNode = 1024;
    private const int OpenedTogether = 50;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);

    /// <returns>Bytes per stream.</returns>
    public static async Task<double> MeasureAsync(PacedEngine engine, TextWriter table)
    {
        await using var product = await Product.StartAsync(engine.Address, engine.Address, GatewayBenchmark.Core, gateways: 1, Nodes, SlotsPerNode);
        var server = product.Gateways[0];
        var request = LoadRequest.Of(server, product.Key, tokens: 2, stream: true, held: true);
        var idle = product.GatewayMemory;
        var connections = new List<LoadConnection>(Streams);
        try
        {
            while (connections.Count < Streams)
            {
                var together = Enumerable.Range(0, OpenedTogether).Select(_ => new LoadConnection(server)).ToArray();
                connections.AddRange(together);
                await Task.WhenAll(together.Select(connection => OpenAsync(connection, request)));
            }

            await Task.Delay(Quiet, TimeProvider.System);
            var open = product.GatewayMemory;
            await table.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{Streams:N0} open streams: {open / 1048576.0:N0} MiB in the gateway, idle {idle / 1048576.0:N0} MiB"));
            return (open - idle) / (double)Streams;
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    // Returns with the first token; what follows is read by nobody, and is nothing.
    private static async Task OpenAsync(LoadConnection connection, LoadRequest request)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await connection.ConnectAsync();
        var asking = connection.AskAsync(request, () => arrived.TrySetResult());
        await await Task.WhenAny(arrived.Task, asking);
        _ = asking.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
