using System.Net;
using System.Net.Http.Headers;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.ServiceDefaults.Tests.Ports;

[Trait("Category", "Integration")]
public sealed class StreamingChannelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_WhoIsCalledNamesAnother_GoesNoFurther()
    {
        await using var service = await TestService.StartAsync(
            [PortRole.Internal], map: app => app.MapPost("/here", () => Results.Redirect("/there", preserveMethod: true)).ServedOn(PortRole.Internal));
        using var caller = new HttpMessageInvoker(StreamingChannel.Handler(TimeSpan.FromSeconds(5)));
        using var call = new HttpRequestMessage(HttpMethod.Post, new Uri(service.AddressOf(PortRole.Internal), "here"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestService.Secret) },
        };

        using var answer = await caller.SendAsync(call, Token);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
    }
}
