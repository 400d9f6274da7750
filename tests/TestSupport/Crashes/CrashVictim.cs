namespace ComputeShare.TestSupport.Crashes;

internal enum CrashVictim
{
    Gateway,
    Scheduler,
    Node,
    Billing,
    Postgres,
}
