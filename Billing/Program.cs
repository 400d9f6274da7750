using System.CommandLine;
using ComputeShare.Billing.CommandLine;

var billing = new RootCommand("ComputeShare's money: holds, settlements, keys and prices. Without a command it serves.")
{
    MigrateCommand.Create(),
};
billing.SetAction(ServeCommand.RunAsync);

// The web host hears the signals itself, and lets commands in flight end first.
return await billing.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
