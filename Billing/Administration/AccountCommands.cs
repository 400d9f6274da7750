using System.CommandLine;
using System.Globalization;
using ComputeShare.Billing.Ledger;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin account create | list | limits | policy</c>.</summary>
internal static class AccountCommands
{
    public static Command Create(AdminRun run) =>
        new("account", "Who pays or earns.") { CreateAccount(run), List(run), Limits(run), PolicyCommand.Create(run) };

    public static Argument<string> AccountArgument() => new("ACCOUNT") { Description = "An account's name or id." };

    private static Command CreateAccount(AdminRun run)
    {
        var name = new Argument<string>("NAME") { Description = "Its public name." };
        var kind = new Option<string>("--kind") { Description = "Who it is.", Required = true };
        kind.AcceptOnlyFromAmong(AccountRegister.Kinds);
        var command = new Command("create", "Opens an account; prints its id.") { name, kind };
        run.Does<AccountRegister>(command, async (accounts, arguments, cancellationToken) =>
        {
            var account = await accounts.CreateAsync(
                arguments.GetRequiredValue(name), arguments.GetRequiredValue(kind), cancellationToken);
            await arguments.InvocationConfiguration.Output.WriteLineAsync(account.Id);
        });
        return command;
    }

    private static Command List(AdminRun run)
    {
        var command = new Command("list", "Lists the accounts; BALANCE and HELD are a consumer's, EARNED is a hoster's, in dollars.");
        run.Does<AccountRegister>(command, async (accounts, arguments, cancellationToken) =>
        {
            var table = new Table("ID", "KIND", "NAME", "BALANCE", "HELD", "EARNED");
            foreach (var (account, earned) in await accounts.ListAsync(cancellationToken))
            {
                var consumer = account.Kind == AccountKinds.Consumer;
                table.Add(
                    account.Id,
                    account.Kind,
                    account.Name,
                    consumer ? new Money(account.Balance).ToString() : "-",
                    consumer ? new Money(account.Held).ToString() : "-",
                    consumer ? "-" : new Money(earned).ToString());
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Limits(AdminRun run)
    {
        var account = AccountArgument();
        var parallel = Limit("--parallel", "Requests that may run at once; 0 = any number.");
        var requests = Limit("--requests-per-minute", "Requests that may begin within a minute; 0 = any number.");
        var tokens = Limit("--tokens-per-minute", "Tokens that may be used within a minute; 0 = any number.");
        var command = new Command("limits", "Sets the given limits of an account, and shows all.") { account, parallel, requests, tokens };
        run.Does<AccountRegister>(command, async (accounts, arguments, cancellationToken) =>
        {
            var limited = await accounts.LimitAsync(
                arguments.GetRequiredValue(account),
                arguments.GetValue(parallel),
                arguments.GetValue(requests),
                arguments.GetValue(tokens),
                cancellationToken);
            await Table(limited).WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Option<int?> Limit(string name, string description)
    {
        var limit = new Option<int?>(name) { Description = description, HelpName = "N" };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value >= 0))
            {
                result.AddError($"{name} must be a whole number from 0 to {int.MaxValue}.");
            }
        });
        return limit;
    }

    private static Table Table(AccountRow account)
    {
        var table = new Table("ACCOUNT", "PARALLEL", "REQUESTS/MIN", "TOKENS/MIN");
        table.Add(account.Name, Shown(account.ParallelRequests), Shown(account.RequestsPerMinute), Shown(account.TokensPerMinute));
        return table;
    }

    private static string Shown(int limit) => limit == 0 ? "any" : limit.ToString(CultureInfo.InvariantCulture);
}
