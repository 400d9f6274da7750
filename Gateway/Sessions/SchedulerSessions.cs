using ComputeShare.Contracts.Scheduling;

namespace ComputeShare.Gateway.Sessions;

internal sealed class SchedulerSessions(IReadOnlyList<SessionPool<SchedulerCommands, SchedulerCommand, SchedulerAnswers, SchedulerAnswer>.Member> members)
    : SessionPool<SchedulerCommands, SchedulerCommand, SchedulerAnswers, SchedulerAnswer>("scheduler", members)
{
    /// <exception cref="SessionLostException">No scheduler is connected.</exception>
    public Scheduler.SchedulerClient Client(string key) => new(Pick(key).Calls);
}
