using System.Diagnostics;
using System.Text.Json;
using ComputeShare.TestSupport.Replicas;

namespace ComputeShare.Benchmarks.Starvation;

/// <summary>
/// Who must not notice an attack: a key of its own that asks for short answers, every other one streamed, each on a new connection. It asks
/// at an even pace, whatever becomes of the earlier ones: who waits for them would ask least where it waits longest, and not see it.
/// </summary>
internal sealed class GoodCustomer
{
    private const int Tokens = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly Uri Completions = new("/v1/chat/completions", UriKind.Relative);

    private readonly List<Asked> _answers = [];
    private readonly Task _asking;
    private volatile bool _isStopped;

    public GoodCustomer(ChatClient client) => _asking = AskAsync(client);

    public IReadOnlyList<ChatAnswer> Failures
    {
        get
        {
            lock (_answers)
            {
                return [.. _answers.Select(asked => asked.Answer).Where(answer => !answer.Completed)];
            }
        }
    }

    /// <summary>Of what was asked then; complete only when it has stopped, for an answer may be long in coming.</summary>
    /// <param name="from">By <see cref="Stopwatch"/>.</param>
    /// <param name="to">By <see cref="Stopwatch"/>.</param>
    public Noticed Between(long from, long to)
    {
        lock (_answers)
        {
            var asked = _answers.Where(one => one.At >= from && one.At < to).ToArray();
            return new Noticed(
                P99(asked),
                P99(asked.Where(one => one.IsStream)),
                P99(asked.Where(one => !one.IsStream)),
                asked.Count(one => !one.Answer.Completed),
                asked.Length);
        }
    }

    /// <summary>Returns when the last answer is there.</summary>
    public async Task StopAsync()
    {
        _isStopped = true;
        await _asking;
    }

    private static TimeSpan P99(IEnumerable<Asked> asked) => Percentile.Of(asked.Select(one => one.Took).Order().DefaultIfEmpty().ToArray(), 0.99);

    private async Task AskAsync(ChatClient client)
    {
        var asking = new List<Task>();
        using var timer = new PeriodicTimer(Pause, TimeProvider.System);
        for (var number = 0; !_isStopped; number++)
        {
            asking.Add(AskOnceAsync(client, isStream: number % 2 == 0));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(asking);
    }

    private async Task AskOnceAsync(ChatClient client, bool isStream)
    {
        var body = new { model = "auto", stream = isStream, max_tokens = Tokens, messages = new[] { new { role = "user", content = "Go on and on." } } };
        var start = Stopwatch.GetTimestamp();
        ChatAnswer answer;
        try
        {
            if (isStream)
            {
                await using var stream = await client.OpenAsync(body, CancellationToken.None);
                answer = await stream.ReadToEndAsync(CancellationToken.None);
            }
            else
            {
                answer = await client.AskAsync(Completions, body, CancellationToken.None);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or JsonException)
        {
            // Nothing came in HttpClient's 100 s, or half an answer.
            answer = new ChatAnswer { Broken = true };
        }

        lock (_answers)
        {
            _answers.Add(new Asked(start, Stopwatch.GetElapsedTime(start), isStream, answer));
        }
    }

    private sealed record Asked(long At, TimeSpan Took, bool IsStream, ChatAnswer Answer);
}
