using System.Diagnostics;
using System.Globalization;
using ComputeShare.Contracts.Inference;
using ComputeShare.Contracts.Scheduling;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeShare.Benchmarks.Scheduling;

/// <summary>
/// A gateway's end of one Session, and nothing of a gateway: it answers each batch of answers with the commands that follow from them,
/// so that a constant number of operations is in flight.
/// </summary>
internal sealed class SessionLoad : IAsyncDisposable
{
    private const string Model = "bench/model";
    private const uint SlotsPerNode = 64;
    private const int ReportsPerMessage = 256;

    private readonly IDisposable _channel;
    private readonly AsyncDuplexStreamingCall<SchedulerCommands, SchedulerAnswers> _call;
    private ulong _sequence;

    private SessionLoad(IDisposable channel, AsyncDuplexStreamingCall<SchedulerCommands, SchedulerAnswers> call) => (_channel, _call) = (channel, call);

    public static async Task<SessionLoad> OpenAsync(IDisposable channel, CallInvoker calls)
    {
        var call = new Contracts.Scheduling.Scheduler.SchedulerClient(calls).Session();
        await call.ResponseHeadersAsync;
        return new SessionLoad(channel, call);
    }

    /// <summary>Makes so many nodes live; all of one model, each at a price of its own.</summary>
    public async Task ReportAsync(int nodes)
    {
        _sequence++;
        foreach (var numbers in Enumerable.Range(0, nodes).Chunk(ReportsPerMessage))
        {
            await _call.RequestStream.WriteAsync(new SchedulerCommands { Commands = { numbers.Select(Report) } });
            await ReadAsync(numbers.Length);
        }
    }

    /// <returns>Operations per second.</returns>
    public async Task<double> RunAsync(TimeSpan time)
    {
        var first = new SchedulerCommands();
        for (ulong id = 1; id <= SchedulingBenchmark.Depth; id++)
        {
            first.Commands.Add(Reserve(id));
        }

        var start = Stopwatch.GetTimestamp();
        await _call.RequestStream.WriteAsync(first);
        var (done, inFlight) = (0L, SchedulingBenchmark.Depth);
        while (inFlight > 0)
        {
            var answers = await NextAsync();
            var next = new SchedulerCommands();
            var goesOn = Stopwatch.GetElapsedTime(start) < time;
            foreach (var answer in answers.Answers)
            {
                done++;
                inFlight--;
                if (answer.Reserved is { } lease)
                {
                    next.Commands.Add(Release(answer.CorrelationId, lease));
                }
                else if (answer.Done is null)
                {
                    throw new InvalidOperationException($"The Scheduler answered {answer}.");
                }
                else if (goesOn)
                {
                    next.Commands.Add(Reserve(answer.CorrelationId));
                }
            }

            inFlight += next.Commands.Count;
            if (next.Commands.Count > 0)
            {
                await _call.RequestStream.WriteAsync(next);
            }
        }

        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _call.RequestStream.CompleteAsync();
        _call.Dispose();
        _channel.Dispose();
    }

    private async Task ReadAsync(int answers)
    {
        while (answers > 0)
        {
            answers -= (await NextAsync()).Answers.Count;
        }
    }

    private async Task<SchedulerAnswers> NextAsync() =>
        await _call.ResponseStream.MoveNext(CancellationToken.None)
            ? _call.ResponseStream.Current
            : throw new InvalidOperationException("The Scheduler ended the session.");

    // With what a gateway sends: every operation carries the deadline of its request.
    private static SchedulerCommand Reserve(ulong id) => new()
    {
        CorrelationId = id,
        DeadlineMs = 25_000,
        Reserve = new Reserve
        {
            RequestId = "0198f0c2d1a37b3c9d2e4f5061728394",
            AccountId = "account",
            Attempt = 1,
            Models = { Model },
            Slots = 1,
            PromptTokens = 100,
            MaxTokens = 500,
            WaitMs = 20_000,
            BodyBytes = 800,
            // Of a system prompt that all have, and of the conversation behind it.
            PrefixHashes = { Hash(0), Hash(id), Hash(id << 32) },
        },
    };

    private static ByteString Hash(ulong value) => ByteString.CopyFrom(BitConverter.GetBytes(value));

    private static SchedulerCommand Release(ulong id, Reserved lease) => new()
    {
        CorrelationId = id,
        DeadlineMs = 5_000,
        Release = new Release
        {
            LeaseId = lease.LeaseId,
            NodeId = lease.NodeId,
            Report = new AttemptReport
            {
                Result = AttemptResult.Succeeded,
                ModelId = lease.ModelId,
                TtftMs = 180,
                CompletionTokens = 120,
                DecodeMs = 2_400,
                Outcome = "completed",
                PromptTokens = 100,
            },
        },
    };

    private SchedulerCommand Report(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"node-{number:D5}");
        var price = 100_000_000L + (number * 1_000L);
        return new SchedulerCommand
        {
            CorrelationId = (ulong)number + 1,
            NodeReport = new NodeReport
            {
                HosterId = "hoster-" + id,
                HosterName = "hoster-" + id,
                State = new NodeState
                {
                    NodeId = id,
                    Incarnation = "bench",
                    Sequence = _sequence,
                    Slots = SlotsPerNode,
                    Models =
                    {
                        new ServedModel
                        {
                            LocalName = Model,
                            ContextLength = 8192,
                            Quantization = "Q4_K_M",
                            Capabilities = { "chat", "seed" },
                            Speed = new MeasuredSpeed { TokensPerSecond = 50, TtftMs = 180 },
                        },
                    },
                },
                Offers =
                {
                    new Offer
                    {
                        LocalName = Model,
                        ModelId = Model,
                        InCatalogue = true,
                        Price = new OfferedPrice { PriceId = "price-" + id, Prices = new Prices { Input = price, CachedInput = price, Output = price } },
                    },
                },
            },
        };
    }
}
