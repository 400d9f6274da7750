using System.CommandLine;
using ComputeShare.Billing.Administration;
using ComputeShare.Billing.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace ComputeShare.Billing.Tests.Administration;

/// <summary>Types commands as an operator does, with nothing configured but the database.</summary>
internal sealed class AdminConsole(string? connectionString)
{
    public async Task<Answer> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await BillingCommandLine.RunAsync(
            ["admin", .. words], AdminCommand.Create(Builder), new InvocationConfiguration { Output = output, Error = error });
        return new Answer(code, output.ToString().TrimEnd(), error.ToString().TrimEnd());
    }

    /// <summary>What it printed; the command is one that works.</summary>
    public async Task<string> OutputOfAsync(params string[] words)
    {
        var answer = await RunAsync(words);
        Assert.True(answer.Code == 0, answer.Error);
        return answer.Output;
    }

    private WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:billing", connectionString)]);
        return builder;
    }
}

internal sealed record Answer(int Code, string Output, string Error);
