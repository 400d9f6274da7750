using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ComputeShare.ServiceDefaults.Tests.Telemetry;

public sealed class ServiceNameTests
{
    [Theory]
    [InlineData(null, null, "tests")]
    [InlineData("OTEL_SERVICE_NAME", "gateway-2", "gateway-2")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "service.name=gateway-3", "gateway-3")]
    public async Task Traces_ServiceName_IsTheEnvironmentsOrThePrograms(string? variable, string? value, string expected)
    {
        await using var service = await TestService.StartAsync(
            [PortRole.Health], configuration: variable is null ? null : new Dictionary<string, string?> { [variable] = value });

        var resource = service.Services.GetRequiredService<TracerProvider>().GetResource();

        Assert.Equal(expected, Assert.Single(resource.Attributes, attribute => attribute.Key == "service.name").Value);
    }
}
