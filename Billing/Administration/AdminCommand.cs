using System.CommandLine;

namespace ComputeShare.Billing.Administration;

/// <summary><c>Billing admin</c>: accounts, keys, hosters, the catalogue and credit, for whoever may read the database's connection string.</summary>
internal static class AdminCommand
{
    public static Command Create() => Create(WebApplication.CreateBuilder);

    /// <param name="configure">Makes what a command's services are built on.</param>
    internal static Command Create(Func<WebApplicationBuilder> configure)
    {
        var run = new AdminRun(configure);
        return new Command("admin", "Administers the marketplace's accounts, keys, catalogue and credit.")
        {
            AccountCommands.Create(run),
            KeyCommands.Create(run),
            HosterCommands.Create(run),
            NodeCommands.Create(run),
            CatalogueCommands.Create(run),
            CreditCommand.Create(run),
            CorrectCommand.Create(run),
            PayoutCommands.Create(run),
            AuditCommand.Create(run),
        };
    }
}
