using System.Collections.Concurrent;
using ComputeShare.Contracts.Scheduling;
using ComputeShare.ServiceDefaults.Ports;
using Grpc.Core;
using Grpc.Net.Client;

namespace ComputeShare.Scheduler.Tests;

/// <summary>A gateway's side of one session.</summary>
internal sealed class TestSession : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<SchedulerCommands, SchedulerAnswers> _call;
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<SchedulerAnswer>> _waiting = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private long _lastId;

    public TestSession(GrpcChannel channel)
    {
        _channel = channel;
        _call = new Contracts.Scheduling.Scheduler.SchedulerClient(channel.WithSecret(TestScheduler.Secret)).Session(cancellationToken: _end.Token);
        _reading = ReadAsync();
    }

    public ulong LastId => (ulong)_lastId;

    public async Task<SchedulerAnswer> SendAsync(SchedulerCommand command) => (await SendAsync([command]))[0];

    public async Task<SchedulerAnswer[]> SendAsync(SchedulerCommand[] commands)
    {
        var batch = new SchedulerCommands();
        var answers = new Task<SchedulerAnswer>[commands.Length];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i].CorrelationId = (ulong)Interlocked.Increment(ref _lastId);
            var answer = new TaskCompletionSource<SchedulerAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting[commands[i].CorrelationId] = answer;
            answers[i] = answer.Task;
            batch.Commands.Add(commands[i]);
        }

        await _writing.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(batch);
        }
        finally
        {
            _writing.Release();
        }

        return await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public Task<SchedulerAnswer> ReportAsync(NodeReport report) => SendAsync(new SchedulerCommand { NodeReport = report });

    public Task<SchedulerAnswer> ReserveAsync(string model = Reports.Model, uint waitMs = 0, uint slots = 1) => SendAsync(new SchedulerCommand
    {
        Reserve = new Reserve { RequestId = "0198c0ffee", Models = { model }, Slots = slots, PromptTokens = 10, MaxTokens = 10, WaitMs = waitMs },
    });

    public Task<SchedulerAnswer> ReleaseAsync(Reserved lease, AttemptResult result = AttemptResult.Succeeded, string outcome = "") => SendAsync(new SchedulerCommand
    {
        Release = new Release { LeaseId = lease.LeaseId, NodeId = lease.NodeId, Report = new AttemptReport { Result = result, ModelId = lease.ModelId, Outcome = outcome } },
    });

    public async ValueTask DisposeAsync()
    {
        // Disposed only after its reader has ended: one between two answers would ask a disposed call for the next.
        await _end.CancelAsync();
        await _reading;
        _call.Dispose();
        _end.Dispose();
        _channel.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        var end = new TaskCanceledException("The session ended.");
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                foreach (var answer in _call.ResponseStream.Current.Answers)
                {
                    if (_waiting.TryRemove(answer.CorrelationId, out var waiting))
                    {
                        waiting.TrySetResult(answer);
                    }
                }
            }
        }
        catch (RpcException)
        {
            // Told to whoever still waits, below.
        }

        foreach (var waiting in _waiting.Values)
        {
            waiting.TrySetException(end);
        }
    }
}
