using ComputeShare.Contracts;
using Grpc.Core;

namespace ComputeShare.Gateway.Sessions;

/// <summary>
/// The sessions to all replicas of one service. An account's commands go to one replica (rendezvous hash among those connected), so
/// that order is exact per account where it matters and batches stay together.
/// </summary>
internal class SessionPool<TCommands, TCommand, TAnswers, TAnswer>(
    string service,
    IReadOnlyList<SessionPool<TCommands, TCommand, TAnswers, TAnswer>.Member> members)
    : BackgroundService
    where TCommands : class, ICommandBatch<TCommand>, new()
    where TCommand : class, ICommand
    where TAnswers : class, IAnswerBatch<TAnswer>
    where TAnswer : class, IAnswer
{
    /// <param name="Address">Where the replica is; what the hash is taken of.</param>
    /// <param name="Session">The hot path.</param>
    /// <param name="Calls">For the rare, unary calls; each has a deadline.</param>
    internal sealed record Member(string Address, CommandSession<TCommands, TCommand, TAnswers, TAnswer> Session, CallInvoker Calls);

    public IReadOnlyList<Member> Members => members;

    public bool IsConnected => members.Any(member => member.Session.IsConnected);

    /// <exception cref="SessionLostException">No replica is connected.</exception>
    public Member Pick(string key)
    {
        // Without a choice nothing is hashed.
        var picked = members.Count == 1 ? members[0] : members.Where(IsThere).MaxBy(member => RendezvousHash.Weight(key, member.Address));
        return picked is not null && IsThere(picked) ? picked : throw new SessionLostException(service, "no replica is connected");
    }

    /// <inheritdoc cref="CommandSession{TCommands,TCommand,TAnswers,TAnswer}.SendAsync"/>
    public Task<TAnswer> SendAsync(string key, TCommand command, CancellationToken cancellationToken, TimeSpan? deadline = null)
    {
        // Thrown into the task, so that a caller that starts a command and awaits it later sees one kind of failure.
        try
        {
            return Pick(key).Session.SendAsync(command, cancellationToken, deadline);
        }
        catch (SessionLostException lost)
        {
            return Task.FromException<TAnswer>(lost);
        }
    }

    private static bool IsThere(Member member) => member.Session.IsConnected;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(members.Select(member => Task.Run(() => member.Session.RunAsync(stoppingToken), CancellationToken.None)));
}
