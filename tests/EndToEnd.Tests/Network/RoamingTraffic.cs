using System.Collections.Concurrent;
using System.Net;

namespace ComputeShare.EndToEnd.Tests.Network;

/// <summary>Consumers that stream one answer after the other, each from the next gateway that takes them.</summary>
internal sealed class RoamingTraffic : IAsyncDisposable
{
    private static readonly TimeSpan PauseWhereNobodyTakesIt = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ChatAnswer> _answers = new();
    private readonly IReadOnlyList<ChatClient> _gateways;
    private readonly int _tokens;
    private readonly Task[] _consumers;

    public RoamingTraffic(IReadOnlyList<ChatClient> gateways, int consumers, int tokens)
    {
        (_gateways, _tokens) = (gateways, tokens);
        _consumers = [.. Enumerable.Range(0, consumers).Select(ConsumeAsync)];
    }

    /// <summary>Of requests that a gateway took, in the order in which they ended.</summary>
    public IReadOnlyCollection<ChatAnswer> Taken => _answers;

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_consumers);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task ConsumeAsync(int first)
    {
        for (var next = first; !_stop.IsCancellationRequested; next++)
        {
            await using var stream = await _gateways[next % _gateways.Count].OpenAsync(_tokens, CancellationToken.None);
            if (stream.Answer.Status == HttpStatusCode.OK)
            {
                _answers.Enqueue(await stream.ReadToEndAsync(CancellationToken.None));
            }
            else
            {
                await Task.Delay(PauseWhereNobodyTakesIt, TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
