using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ComputeShare.Billing.Persistence.Rows;
using ComputeShare.Contracts;

namespace ComputeShare.Billing.Administration;

/// <summary><c>admin catalogue list | add | remove</c>.</summary>
internal static class CatalogueCommands
{
    private const int HighestCount = 100_000_000;

    // As for models outside the catalogue (PriceBounds): no amount of a request may leave the range of Money.
    private const decimal HighestPrice = 1_000;

    public static Command Create(AdminRun run) =>
        new("catalogue", "The models that are one model whoever serves them.") { List(run), Add(run), Remove(run) };

    private static Command List(AdminRun run)
    {
        var command = new Command("list", "Lists the catalogue, the best first; prices are dollars per million tokens: input/cached input/output.");
        run.Does<CatalogueEditor>(command, async (catalogue, arguments, cancellationToken) =>
        {
            var table = new Table("ID", "RANK", "CONTEXT", "LOWEST", "HIGHEST", "ALIASES");
            foreach (var model in await catalogue.ListAsync(cancellationToken))
            {
                table.Add(
                    model.Id,
                    model.QualityRank.ToString(CultureInfo.InvariantCulture),
                    model.ContextLength.ToString(CultureInfo.InvariantCulture),
                    $"{Dollars(model.LowestInput)}/{Dollars(model.LowestCachedInput)}/{Dollars(model.LowestOutput)}",
                    $"{Dollars(model.HighestInput)}/{Dollars(model.HighestCachedInput)}/{Dollars(model.HighestOutput)}",
                    model.Aliases.Length == 0 ? "-" : string.Join(',', model.Aliases));
            }

            await table.WriteAsync(arguments.InvocationConfiguration.Output);
        });
        return command;
    }

    private static Command Add(AdminRun run)
    {
        var id = new Argument<string>("MODEL") { Description = "Its name, such as meta-llama/llama-3.1-8b-instruct." };
        var context = Count("--context", "Tokens that its window holds.", least: 1);
        context.Required = true;
        var rank = Count("--rank", "Its quality among the models, 1 = best. Default: 100.", least: 1);
        var tokenizer = new Option<string?>("--tokenizer")
        {
            Description = "The file in the gateways' Metering:TokenizerPath that its tokens are counted with. Default: none, so that counts are bounds.",
            HelpName = "FILE",
        };
        var perMessage = Count("--tokens-per-message", "Tokens that each message costs beside its text. Default: 4.", least: 0);
        var perRequest = Count("--tokens-per-request", "Tokens that each request costs beside its messages. Default: 3.", least: 0);
        var aliases = Names("--aliases", "Other names that engines have for it, separated by commas.");
        var digests = Names("--digests", "Digests of its files, separated by commas.");
        var owner = new Option<string?>("--owned-by") { Description = "Who made it." };
        var description = new Option<string?>("--description") { Description = "One sentence." };
        var lowest = Prices("--lowest", "The least that nodes may ask, in dollars per million tokens: input/cached input/output. Default: 0/0/0.");
        var highest = Prices("--highest", "The most that nodes may ask, as above. Default: 10/10/10.");
        var command = new Command("add", "Adds a model.")
        {
            id, context, rank, aliases, digests, owner, description, tokenizer, perMessage, perRequest, lowest, highest,
        };
        run.Does<CatalogueEditor>(command, (catalogue, arguments, cancellationToken) =>
        {
            var least = arguments.GetValue(lowest) ?? default(TokenPrice);
            var most = arguments.GetValue(highest) ?? DefaultHighest;
            var model = new CatalogueModelRow
            {
                Id = arguments.GetRequiredValue(id),
                ContextLength = arguments.GetRequiredValue(context)!.Value,
                QualityRank = arguments.GetValue(rank) ?? 100,
                Tokenizer = arguments.GetValue(tokenizer) ?? "",
                TokensPerMessage = arguments.GetValue(perMessage) ?? 4,
                TokensPerRequest = arguments.GetValue(perRequest) ?? 3,
                Aliases = arguments.GetValue(aliases) ?? [],
                Digests = arguments.GetValue(digests) ?? [],
                OwnedBy = arguments.GetValue(owner) ?? "",
                Description = arguments.GetValue(description) ?? "",
                LowestInput = least.Input,
                LowestCachedInput = least.CachedInput,
                LowestOutput = least.Output,
                HighestInput = most.Input,
                HighestCachedInput = most.CachedInput,
                HighestOutput = most.Output,
            };
            return catalogue.AddAsync(model, cancellationToken);
        });
        return command;
    }

    private static Command Remove(AdminRun run)
    {
        var id = new Argument<string>("MODEL") { Description = "Its name." };
        var command = new Command("remove", "Removes a model; nodes that serve it offer it as HOSTER/NAME when they join again.") { id };
        run.Does<CatalogueEditor>(command, (catalogue, arguments, cancellationToken) =>
            catalogue.RemoveAsync(arguments.GetRequiredValue(id), cancellationToken));
        return command;
    }

    private static TokenPrice DefaultHighest { get; } =
        new(10 * Money.NanoDollarsPerDollar, 10 * Money.NanoDollarsPerDollar, 10 * Money.NanoDollarsPerDollar);

    private static Option<int?> Count(string name, string description, int least)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value >= least && value <= HighestCount)
            {
                return value;
            }

            result.AddError($"{name} must be a whole number from {least} to {HighestCount}.");
            return null;
        };
        return option;
    }

    private static Option<string[]?> Names(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NAME,…",
        CustomParser = result => result.Tokens[0].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
    };

    private static Option<TokenPrice?> Prices(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "I/C/O",
        CustomParser = result => Parse(name, result),
    };

    private static TokenPrice? Parse(string name, ArgumentResult result)
    {
        var prices = result.Tokens[0].Value.Split('/').Select(price => DollarAmount.TryParse(price, HighestPrice)).ToArray();
        if (prices is [{ } input, { } cachedInput, { } output])
        {
            return new TokenPrice(input.NanoDollars, cachedInput.NanoDollars, output.NanoDollars);
        }

        result.AddError($"{name} must be three prices from 0 to {HighestPrice:0} dollars, such as 0.05/0.005/0.20.");
        return null;
    }

    private static string Dollars(long nanoDollars) =>
        ((decimal)nanoDollars / Money.NanoDollarsPerDollar).ToString("0.#########", CultureInfo.InvariantCulture);
}
