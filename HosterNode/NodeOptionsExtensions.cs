using System.Security.Cryptography;
using ComputeShare.ServiceDefaults.Ports;
using Microsoft.Extensions.Options;

namespace ComputeShare.HosterNode;

internal static class NodeOptionsExtensions
{
    private const int DialTokenLength = 48;

    public static void AddNodeOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<NodeOptions>, NodeOptionsValidator>();
        builder.Services.AddOptions<NodeOptions>().BindConfiguration(NodeOptions.Section).PostConfigure(MakeDialToken).ValidateOnStart();
        // The web server waits this long for open streams before it cuts them.
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<NodeOptions>>(
            (host, node) => host.ShutdownTimeout = node.Value.DrainTimeout);
    }

    private static void MakeDialToken(NodeOptions options)
    {
        if (options.DialToken.Length == 0)
        {
            options.DialToken = RandomNumberGenerator.GetHexString(DialTokenLength, lowercase: true);
        }
    }

    /// <summary>Only callers that carry the dial token reach the node's internal port.</summary>
    public static void UseDialToken(this WebApplication app) =>
        app.UseInternalDoor(app.Services.GetRequiredService<IOptions<NodeOptions>>().Value.DialToken);
}
