using System.Globalization;
using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Probes;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Gateway.Tests.Probes;

/// <summary>
/// A model of forty words, at once and for nothing: what may follow is made of the words before, the prompt and the seed, which is its weights.
/// </summary>
/// <param name="seed">Another one is another model.</param>
/// <param name="noise">The width of the error of its logits: what other kernels and another precision make of them.</param>
internal sealed class WordModel(int seed, double noise = 0)
{
    private const int Words = 40;
    private const int Length = 24;
    private const int Listed = 5;

    // Three tokens of ten have another that is nearly as likely.
    private const double Spread = 60;

    private readonly Random _random = new(seed);

    /// <summary>An answer at temperature 0.</summary>
    public ProbeAnswer Answer(int prompt)
    {
        var tokens = Generate(prompt, isGreedy: true, Length).ToArray();
        return new ProbeAnswer { Text = tokens.SelectMany(token => token.Bytes).ToArray(), HasReasoning = false, Tokens = tokens, IsCut = true };
    }

    /// <summary>As a node serves it.</summary>
    public async Task ServeAsync(GenerateRequest job, IServerStreamWriter<Frame> frames, CancellationToken cancellationToken)
    {
        var body = job.Chat.Body.ToStringUtf8();
        var isGreedy = body.Contains("\"temperature\":0}", StringComparison.Ordinal) || body.Contains("\"temperature\":0,", StringComparison.Ordinal);
        var hasLogprobs = body.Contains("\"logprobs\":true", StringComparison.Ordinal);
        var most = job.MaxTokens == 0 ? Length : Math.Min((int)job.MaxTokens, Length);
        foreach (var token in Generate(ProbedMarket.PromptOf(job).GetHashCode(StringComparison.Ordinal), isGreedy, most))
        {
            var delta = new Delta { Text = Encoding.UTF8.GetString(token.Bytes), TokenCount = 1 };
            if (hasLogprobs)
            {
                delta.Logprobs.Add(Logprob(token.Bytes, token.Logprob, token.Top));
            }

            await frames.WriteAsync(new Frame { Delta = delta }, cancellationToken);
        }

        await frames.WriteAsync(
            new Frame
            {
                Finished = new Finished
                {
                    FinishReasons = { most < Length ? FinishReason.Length : FinishReason.Stop },
                    Usage = new EngineUsage { PromptTokens = 7, CompletionTokens = (uint)most },
                },
            },
            cancellationToken);
    }

    private static TokenLogprob Logprob(byte[] bytes, double logprob, IEnumerable<(byte[] Bytes, double Logprob)> top) => new()
    {
        Token = Encoding.UTF8.GetString(bytes),
        TokenBytes = ByteString.CopyFrom(bytes),
        Logprob = (float)logprob,
        Top = { top.Select(other => Logprob(other.Bytes, other.Logprob, [])) },
    };

    private IEnumerable<ProbeToken> Generate(int prompt, bool isGreedy, int length)
    {
        var state = HashOf(seed, prompt, 0);
        for (var place = 0; place < length; place++)
        {
            var weights = new Random(state);
            var logits = Enumerable.Range(0, Words).Select(_ => (Spread * weights.NextDouble()) + (noise * Drawn(value => value - 0.5))).ToArray();
            var total = Math.Log(logits.Sum(Math.Exp));
            var order = Enumerable.Range(0, Words).OrderByDescending(word => logits[word]).ToArray();
            var chosen = isGreedy ? order[0] : Sample(order, logits, total);
            yield return new ProbeToken(Bytes(chosen), logits[chosen] - total, [.. order.Take(Listed).Select(word => (Bytes(word), logits[word] - total))]);
            state = HashOf(state, chosen, seed);
        }
    }

    private int Sample(int[] order, double[] logits, double total)
    {
        var left = Drawn(value => value);
        foreach (var word in order)
        {
            left -= Math.Exp(logits[word] - total);
            if (left <= 0)
            {
                return word;
            }
        }

        return order[0];
    }

    // Several answers may be under way.
    private double Drawn(Func<double, double> of)
    {
        lock (_random)
        {
            return of(_random.NextDouble());
        }
    }

    private static byte[] Bytes(int word) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $" w{word}."));

    private static int HashOf(int one, int two, int three) => unchecked((((one * 31) + two) * 1_000_003) + three) & int.MaxValue;
}
