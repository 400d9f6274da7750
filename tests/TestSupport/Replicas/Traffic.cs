using System.Collections.Concurrent;
using ComputeShare.TestSupport.Processes;

namespace ComputeShare.TestSupport.Replicas;

/// <summary>
/// Consumers that ask one request after the other, at every gateway, until the traffic is stopped.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private static readonly bool[] MostlyStreamed = [true, true, false];
    private static readonly int[] ShortOnly = [6];
    private static readonly TimeSpan ServedLimit = TimeSpan.FromSeconds(40);

    // A client without a connection comes again, but not at once.
    private static readonly TimeSpan PauseAfterBroken = TimeSpan.FromMilliseconds(250);

    private readonly TimeSpan _pause;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(int Gateway, ChatAnswer Answer)> _answers = new();
    private readonly Task[] _consumers;

    /// <summary>Each has one request in flight.</summary>
    public int Consumers => _consumers.Length;

    /// <param name="streams">One consumer per gateway each: with streaming or without. Default: two with, one without.</param>
    /// <param name="tokens">How long the answers are, in turns. Default: 6.</param>
    /// <param name="pause">Between an answer and the next request: leaves room for processes that start meanwhile. Default: none.</param>
    public Traffic(
        IReadOnlyList<ChatClient> gateways, IReadOnlyList<bool>? streams = null, IReadOnlyList<int>? tokens = null, TimeSpan pause = default)
    {
        _pause = pause;
        _consumers = [.. gateways.SelectMany((client, gateway) =>
            (streams ?? MostlyStreamed).Select((stream, number) => ConsumeAsync(client, gateway, stream, tokens ?? ShortOnly, number)))];
    }

    /// <summary>In the order in which they ended.</summary>
    public IReadOnlyCollection<(int Gateway, ChatAnswer Answer)> Answers => _answers;

    /// <summary>Every gateway has served so many requests that ended after this call.</summary>
    public async Task WaitUntilServedAsync(int requests, int gateways, CancellationToken cancellationToken)
    {
        var before = _answers.Count;
        await Poll.UntilAsync(
            $"every gateway serves {requests} more requests",
            () => Enumerable.Range(0, gateways).All(gateway => _answers.Skip(before).Count(entry => entry.Gateway == gateway && entry.Answer.Completed) >= requests),
            ServedLimit,
            cancellationToken);
    }

    /// <summary>Returns when the last request has ended.</summary>
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

    private async Task ConsumeAsync(ChatClient client, int gateway, bool stream, IReadOnlyList<int> tokens, int number)
    {
        for (var turn = number; !_stop.IsCancellationRequested; turn++)
        {
            var length = tokens[turn % tokens.Count];
            var answer = stream
                ? await client.StreamAsync(length, CancellationToken.None)
                : await client.CompleteAsync(length, CancellationToken.None);
            _answers.Enqueue((gateway, answer));
            await Task.Delay(answer.Completed ? _pause : PauseAfterBroken, TimeProvider.System, CancellationToken.None);
        }
    }
}
