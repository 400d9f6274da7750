using System.CommandLine;
using ComputeShare.Billing.Persistence.Rows;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin account policy</c>: by what <c>auto</c> chooses the model for an account, where a request does not say.</summary>
internal static class PolicyCommand
{
    private const string Default = "default";

    public static readonly string[] Names = ["price", "throughput", "latency", "quality"];

    public static Command Create(AdminRun run)
    {
        var account = AccountCommands.AccountArgument();
        var policy = new Argument<string?>("POLICY")
        {
            Description = "price, throughput, latency, quality, or default (price). Without it nothing is changed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        policy.AcceptOnlyFromAmong([.. Names, Default]);
        var command = new Command("policy", "Sets and shows by what `auto` chooses the model for an account.") { account, policy };
        run.Does<AccountRegister>(command, async (accounts, arguments, cancellationToken) =>
        {
            var set = await accounts.SetPolicyAsync(arguments.GetRequiredValue(account), Stored(arguments.GetValue(policy)), cancellationToken);
            await arguments.InvocationConfiguration.Output.WriteLineAsync(Shown(set));
        });
        return command;
    }

    // The default is kept as none.
    private static string? Stored(string? policy) => policy == Default ? "" : policy;

    private static string Shown(AccountRow account) => account.Policy.Length > 0 ? account.Policy : Default;
}
