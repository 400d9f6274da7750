using System.Collections.Concurrent;
using ComputeShare.Contracts;
using ComputeShare.Gateway.Completions;

namespace ComputeShare.Gateway.Generations;

/// <summary>This gateway's requests from their arrival until their settlement is on its way.</summary>
internal sealed class RunningRequests
{
    private readonly ConcurrentDictionary<RequestId, CompletionContext> _running = new();

    public void Add(CompletionContext context) => _running[context.Id] = context;

    public void Remove(CompletionContext context) => _running.TryRemove(context.Id, out _);

    /// <returns>Null: none of this account's, or answered already.</returns>
    public CompletionContext? Find(RequestId id, string accountId) =>
        _running.TryGetValue(id, out var context) && context.Caller.Record.AccountId == accountId ? context : null;
}
