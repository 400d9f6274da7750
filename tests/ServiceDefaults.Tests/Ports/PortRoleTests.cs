using System.Net;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Tests.Ports;

public sealed class PortRoleTests
{
    [Theory]
    [InlineData(PortRole.Public, "/hello", HttpStatusCode.OK)]
    [InlineData(PortRole.Public, "/alive", HttpStatusCode.NotFound)]
    [InlineData(PortRole.Health, "/hello", HttpStatusCode.NotFound)]
    [InlineData(PortRole.Health, "/alive", HttpStatusCode.OK)]
    [InlineData(PortRole.Health, "/health", HttpStatusCode.OK)]
    public async Task Endpoint_AskedOnAPort_AnswersOnItsOwnOnly(PortRole role, string path, HttpStatusCode expected)
    {
        await using var service = await TestService.StartAsync(
            [PortRole.Public, PortRole.Health], map: app => app.MapGet("/hello", () => "hello"));
        using var client = new HttpClient { BaseAddress = service.AddressOf(role) };

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task PublicAddress_IsOfThePublicPortAlone()
    {
        await using var service = await TestService.StartAsync(
            [PortRole.Public, PortRole.Health], configuration: new() { ["Ports:PublicAddress"] = "127.0.0.2" });

        Assert.Equal("127.0.0.2", service.AddressOf(PortRole.Public).Host);
        Assert.Equal("127.0.0.1", service.AddressOf(PortRole.Health).Host);
    }

    [Fact]
    public async Task Start_PortOutOfRange_NamesTheKey()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync(
            [PortRole.Health], configuration: new() { ["Ports:Health"] = "70000" }));

        Assert.Contains("Ports:Health", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SecretTooShort_NamesTheKey()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => TestService.StartAsync(
            [PortRole.Health], configuration: new() { ["Services:Secret"] = "short" }));

        Assert.Contains("Services:Secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FaultPointInProduction_Refuses()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => TestService.StartAsync(
            [PortRole.Health], configuration: new() { ["Faults:gateway.held"] = "kill" }));

        Assert.Contains("Faults:gateway.held", error.Message, StringComparison.Ordinal);
    }
}
