using System.Net;
using Microsoft.Extensions.Options;

namespace ComputeShare.ServiceDefaults.Ports;

/// <summary>Where a service listens. Which of the ports a service has, it says itself (DESIGN.md §3).</summary>
public sealed class PortOptions
{
    public const string Section = "Ports";

    /// <summary>The address to listen on: an IP address, or <c>*</c> for all. Default: loopback.</summary>
    public string Address { get; set; } = IPAddress.Loopback.ToString();

    /// <summary>The address of the public port, where it is another: only that one is for the internet. Default: <see cref="Address"/>.</summary>
    public string? PublicAddress { get; set; }

    /// <summary>HTTP/1.1 for the outside, and HTTP/2 under TLS. 0 takes a free port.</summary>
    public int? Public { get; set; }

    /// <summary>h2c for the other services. 0 takes a free port.</summary>
    public int? Internal { get; set; }

    /// <summary>HTTP/1.1 with /alive and /health. 0 takes a free port.</summary>
    public int? Health { get; set; }

    internal int? For(PortRole role) => role switch
    {
        PortRole.Public => Public,
        PortRole.Internal => Internal,
        PortRole.Health => Health,
        PortRole.Control => null,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Not a port role."),
    };

    internal IPAddress AddressFor(PortRole role) =>
        (role == PortRole.Public ? PublicAddress ?? Address : Address) is var address and not "*" ? IPAddress.Parse(address) : IPAddress.Any;
}

internal sealed class PortOptionsValidator(IReadOnlyList<PortRole> required) : IValidateOptions<PortOptions>
{
    public ValidateOptionsResult Validate(string? name, PortOptions options)
    {
        foreach (var (key, address) in new[] { (nameof(options.Address), options.Address), (nameof(options.PublicAddress), options.PublicAddress ?? "*") })
        {
            if (address != "*" && !IPAddress.TryParse(address, out _))
            {
                return ValidateOptionsResult.Fail($"{PortOptions.Section}:{key} must be an IP address or *.");
            }
        }

        var wrong = required.Where(role => options.For(role) is not (>= 0 and <= IPEndPoint.MaxPort)).ToArray();
        return wrong.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(role => $"{PortOptions.Section}:{role} must be set to a port from 0 to 65535."));
    }
}
