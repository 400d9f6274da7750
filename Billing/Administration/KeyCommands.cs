using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ComputeShare.Billing.Keys;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts.Billing;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin key create | list | revoke</c>.</summary>
internal static class KeyCommands
{
    public static Command Create(AdminRun run) => new("key", "What callers prove themselves with.") { CreateKey(run), List(run), Revoke(run) };

    /// <summary>The key alone on standard output, so that a script can capture it; the rest is for whoever watches.</summary>
    public static async Task HandOverAsync(ParseResult arguments, IssuedKey issued)
    {
        await arguments.InvocationConfiguration.Error.WriteLineAsync(
            $"Key {issued.Id} of {issued.Account}. It is shown this once: only its hash is kept.");
        await arguments.InvocationConfiguration.Output.WriteLineAsync(issued.Text);
    }

    private static Command CreateKey(AdminRun run)
    {
        var account = AccountCommands.AccountArgument();
        var kind = new Option<string?>("--kind") { Description = "Default: as the account." };
        kind.AcceptOnlyFromAmong(KeyKinds.Consumer, KeyKinds.Hoster, KeyKinds.Management);
        var name = new Option<string?>("--name") { Description = "What the key is for; shown in lists." };
        var expires = new Option<DateTimeOffset?>("--expires")
        {
            Description = "When it ends: 2027-01-31, or with a time; UTC unless it says otherwise. Default: never.",
            HelpName = "DATE",
            CustomParser = Date,
        };
        var models = new Option<string?>("--models")
        {
            Description = "The only models it may ask for (auto is one), separated by commas. Default: all.",
            HelpName = "MODEL,…",
        };
        var caps = new Option<SpendCaps?>("--spend-caps")
        {
            Description = $"Dollars that it may spend per window of UTC, such as day=5,month=50; windows: {string.Join(", ", SpendWindows.All)}. Default: none.",
            HelpName = "WINDOW=AMOUNT,…",
            CustomParser = Caps,
        };
        var policy = new Option<string?>("--policy") { Description = "By what `auto` chooses the model for it. Default: as the account's." };
        policy.AcceptOnlyFromAmong(PolicyCommand.Names);
        var command = new Command("create", "Makes a key for an account; prints it, this once.") { account, kind, name, expires, models, caps, policy };
        run.Does<KeyIssuer>(command, async (keys, arguments, cancellationToken) =>
        {
            var terms = new KeyTerms
            {
                Name = arguments.GetValue(name) ?? "",
                AllowedModels = new ModelNames { Models = { Names(arguments.GetValue(models)) } },
                SpendCaps = arguments.GetValue(caps),
            };
            if (arguments.GetValue(policy) is { } chosen)
            {
                terms.Policy = chosen;
            }

            if (arguments.GetValue(expires) is { } end)
            {
                terms.ExpiresAt = end.ToUnixTimeMilliseconds();
            }

            var issued = await keys.IssueAsync(arguments.GetRequiredValue(account), arguments.GetValue(kind), terms, cancellationToken);
            await HandOverAsync(arguments, issued);
        });
        return command;
    }

    private static Command List(AdminRun run)
    {
        var account = AccountCommands.AccountArgument();
        var command = new Command("list", "Lists an account's keys, revoked ones too. Nobody can list the keys themselves.") { account };
        run.Does<KeyIssuer>(command, async (keys, arguments, cancellationToken) =>
        {
            var table = new Table("ID", "KIND", "CREATED", "EXPIRES", "REVOKED", "MODELS", "NAME");
            foreach (var key in await keys.ListAsync(arguments.GetRequiredValue(account), cancellationToken))
            {
                table.Add(key.Id, key.Kind, Shown(key.Created), Shown(key.Expires), Shown(key.Revoked), Models(key), key.Name);
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Revoke(AdminRun run)
    {
        var key = new Argument<string>("KEY_ID") { Description = "As `admin key list` shows it." };
        var command = new Command("revoke", "Ends a key for ever; gateways refuse it within seconds.") { key };
        run.Does<KeyIssuer>(command, async (keys, arguments, cancellationToken) =>
        {
            var id = arguments.GetRequiredValue(key);
            var revoked = await keys.RevokeAsync(id, cancellationToken);
            await arguments.InvocationConfiguration.Output.WriteLineAsync(revoked ? $"Key {id} is revoked." : $"Key {id} was revoked before.");
        });
        return command;
    }

    private static DateTimeOffset? Date(ArgumentResult result)
    {
        const DateTimeStyles Style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] formats = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK"];
        if (DateTimeOffset.TryParseExact(result.Tokens[0].Value, formats, CultureInfo.InvariantCulture, Style, out var date))
        {
            return date;
        }

        result.AddError("--expires must be a date such as 2027-01-31 or 2027-01-31T18:00:00Z.");
        return null;
    }

    private static SpendCaps? Caps(ArgumentResult result)
    {
        var caps = new SpendCaps();
        foreach (var part in Names(result.Tokens[0].Value))
        {
            if (part.Split('=') is not [var window, var amount]
                || !SpendWindows.All.Contains(window)
                || caps.Caps.Any(cap => cap.Window == window)
                || DollarAmount.TryParse(amount, CreditCommand.Most) is not { } dollars)
            {
                result.AddError($"--spend-caps must be such as day=5,month=50: one amount of dollars per window of {string.Join(", ", SpendWindows.All)}.");
                return null;
            }

            caps.Caps.Add(new SpendCap { Window = window, Amount = dollars.NanoDollars });
        }

        return caps;
    }

    private static string[] Names(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Models(ApiKeyRow key) => key.AllowedModels.Length == 0 ? "all" : string.Join(',', key.AllowedModels);

    private static string Shown(DateTimeOffset? moment) =>
        moment?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "-";
}
