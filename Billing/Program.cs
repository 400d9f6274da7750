using ComputeShare.Billing.CommandLine;

return await BillingCommandLine.RunAsync(args);
