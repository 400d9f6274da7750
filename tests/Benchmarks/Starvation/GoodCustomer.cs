using System.Diagnostics;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>Who must not notice an attack: a key of its own, a few short streams at a time, each on a new connection.</summary>
internal sealed class GoodCustomer
{
    private const int Consumers = 4;
    private const int Tokens = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly List<(long At, TimeSpan Took, ChatAnswer Answer)> _answers = [];
    private readonly Task[] _consumers;
    private volatile bool _isStopped;

    public GoodCustomer(ChatClient client) => _consumers = [.. Enumerable.Range(0, Consumers).Select(_ => AskAsync(client))];

    /// <summary>Of the answers that were asked for since then.</summary>
    /// <param name="from">By <see cref="Stopwatch"/>.</param>
    public (TimeSpan P50, TimeSpan P99, int Failed, int Count) Since(long from)
    {
        lock (_answers)
        {
            var asked = _answers.Where(answer => answer.At >= from).ToArray();
            var took = asked.Select(answer => answer.Took).Order().DefaultIfEmpty().ToArray();
            return (Percentile.Of(took, 0.5), Percentile.Of(took, 0.99), asked.Count(answer => !answer.Answer.Completed), asked.Length);
        }
    }

    public IReadOnlyList<ChatAnswer> Failures
    {
        get
        {
            lock (_answers)
            {
                return [.. _answers.Select(answer => answer.Answer).Where(answer => !answer.Completed)];
            }
        }
    }

    public async Task StopAsync()
    {
        _isStopped = true;
        await Task.WhenAll(_consumers);
    }

    private async Task AskAsync(ChatClient client)
    {
        var body = new { model = "auto", stream = true, max_tokens = Tokens, messages = new[] { new { role = "user", content = "Go on and on." } } };
        while (!_isStopped)
        {
            var start = Stopwatch.GetTimestamp();
            ChatAnswer answer;
            try
            {
                await using var stream = await client.OpenAsync(body, CancellationToken.None);
                answer = await stream.ReadToEndAsync(CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                answer = new ChatAnswer { Broken = true };
            }

            lock (_answers)
            {
                _answers.Add((start, Stopwatch.GetElapsedTime(start), answer));
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
