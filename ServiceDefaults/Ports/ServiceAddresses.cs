using Microsoft.Extensions.Configuration;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>The addresses of another service: <c>services:NAME:http:0…n</c>, the keys that Aspire sets.</summary>
public static class ServiceAddresses
{
    /// <exception cref="InvalidOperationException">None is configured, or one is no http address; the message names the key.</exception>
    public static IReadOnlyList<Uri> GetServiceAddresses(this IConfiguration configuration, string service)
    {
        var section = configuration.GetSection($"services:{service}:http");
        var addresses = section.GetChildren()
            .OrderBy(entry => int.TryParse(entry.Key, out var index) ? index : int.MaxValue)
            .Select(Parse)
            .ToArray();
        return addresses.Length > 0
            ? addresses
            : throw new InvalidOperationException($"services:{service}:http:0 must be set to the address of {service}, such as http://localhost:5001.");
    }

    private static Uri Parse(IConfigurationSection entry) =>
        Uri.TryCreate(entry.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new InvalidOperationException($"{entry.Path} must be an http address, such as http://localhost:5001.");
}
