using System.Collections.Concurrent;
using System.Diagnostics;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Soak;

/// <summary>Consumers that ask for one thing after the other, by chance, at one gateway each, until the traffic is stopped.</summary>
internal sealed class SoakTraffic
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<SoakAnswer> _answers = new();
    private readonly Task[] _consumers;
    private volatile bool _isStopped;

    /// <param name="consumers">Of one account each, with a client per gateway.</param>
    /// <param name="seed">Of what is asked for.</param>
    public SoakTraffic(IEnumerable<IReadOnlyList<ChatClient>> consumers, int seed) =>
        _consumers = [.. consumers.SelectMany((account, number) =>
            account.Select((client, gateway) => ConsumeAsync(client, gateway, new Random(seed + (account.Count * number) + gateway))))];

    /// <summary>In the order in which they ended.</summary>
    public IReadOnlyCollection<SoakAnswer> Answers => _answers;

    /// <summary>Returns when the last request has ended.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await Task.WhenAll(_consumers);
    }

    private async Task ConsumeAsync(ChatClient client, int gateway, Random random)
    {
        while (!_isStopped)
        {
            var answer = await AskAsync(client, gateway, SoakRequest.Next(random));
            _answers.Enqueue(answer);
            // Who was refused comes again, but not at once.
            await Task.Delay(answer.IsServed ? LongestPause * random.NextDouble() : PauseAfterRefusal, TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<SoakAnswer> AskAsync(ChatClient client, int gateway, SoakRequest request)
    {
        var (asked, start) = (TimeProvider.System.GetUtcNow(), Stopwatch.GetTimestamp());
        TimeSpan? first = null;
        var answer = new ChatAnswer();
        var isStuck = false;
        try
        {
            if (request.IsStream)
            {
                await using var stream = await client.OpenAsync(request.Body, CancellationToken.None);
                answer = stream.Answer;
                await stream.ReadTokensAsync(1, CancellationToken.None);
                first = answer.Tokens > 0 ? Stopwatch.GetElapsedTime(start) : null;
                await ReadAsync(stream, request.HangUpAfter);
            }
            else
            {
                answer = await client.AskAsync(new Uri(request.Path, UriKind.Relative), request.Body, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The HTTP client's own limit, of 100 s.
            isStuck = true;
        }

        return new SoakAnswer(request, gateway, answer, asked, TimeProvider.System.GetUtcNow(), first, isStuck);
    }

    private static async Task ReadAsync(ChatStream stream, int? hangUpAfter)
    {
        if (hangUpAfter is not { } tokens)
        {
            await stream.ReadToEndAsync(CancellationToken.None);
            return;
        }

        await stream.ReadTokensAsync(tokens, CancellationToken.None);
        stream.Answer.HungUp = stream.Answer is { Tokens: > 0, Completed: false, Broken: false, Errors.Count: 0 };
    }
}
