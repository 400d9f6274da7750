using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace ComputeShare.TestSupport.Network;

/// <summary>
/// A hoster's home, in network namespaces of its own: a machine with a private address, and a router that lets it out behind an address of the
/// router's (masquerade), nobody in, and forgets connections that are idle. Needs root, iproute2 and nftables.
/// </summary>
/// <remarks>
/// <code>
/// this machine 10.N.0.1 ──veth── 10.N.0.2 router 192.168.77.1 ──veth── 192.168.77.2 home
/// </code>
/// </remarks>
public sealed class HomeNetwork : IAsyncDisposable
{
    private const string Router192 = "192.168.77.1";
    private const string Home192 = "192.168.77.2";
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(15);
    private static readonly string[] Tools = ["ip", "nft", "sysctl"];
    private static readonly string[] ToolFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    private readonly string _name;
    private readonly string _subnet;

    private HomeNetwork(string name, int subnet) => (_name, _subnet) = (name, string.Create(CultureInfo.InvariantCulture, $"10.{subnet}.0"));

    private string Router => _name + "r";

    private string Home => _name + "h";

    /// <summary>Of this machine, as the home reaches it.</summary>
    public IPAddress Outside => IPAddress.Parse(_subnet + ".1");

    /// <summary>The only address that this machine sees of the home.</summary>
    public IPAddress RouterAddress => IPAddress.Parse(_subnet + ".2");

    /// <summary>The machine's own, to which no route leads from here.</summary>
    public static IPAddress HomeAddress { get; } = IPAddress.Parse(Home192);

    /// <summary>Why there can be none on this machine; null: there can.</summary>
    public static async Task<string?> FindObstacleAsync()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
        {
            return "network namespaces need root";
        }

        foreach (var tool in Tools)
        {
            if (!Array.Exists(ToolFolders, folder => File.Exists(Path.Combine(folder, tool))))
            {
                return $"{tool} is not installed (Debian: iproute2, nftables, procps)";
            }
        }

        var probe = NewName() + "p";
        if (await TryAsync("ip", "netns", "add", probe) is { } refused)
        {
            return $"this machine makes no network namespaces: {refused}";
        }

        var table = await TryAsync("ip", "netns", "exec", probe, "nft", "add", "table", "ip", "probe");
        await TryAsync("ip", "netns", "del", probe);
        return table is null ? null : $"this machine has no nftables: {table}";
    }

    /// <param name="forgetsAfter">How long the router remembers a connection over which nothing goes; what comes later is dropped without a word.</param>
    public static async Task<HomeNetwork> StartAsync(TimeSpan forgetsAfter)
    {
        const int FirstSubnet = 100;
        const int Subnets = 100;
        var network = new HomeNetwork(NewName(), FirstSubnet + RandomNumberGenerator.GetInt32(Subnets));
        try
        {
            await network.BuildAsync(forgetsAfter);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command that runs another in the home.</summary>
    public IReadOnlyList<string> InHome(params string[] command) => ["ip", "netns", "exec", Home, .. command];

    public async ValueTask DisposeAsync()
    {
        // The veth pairs go with their namespaces.
        await TryAsync("ip", "netns", "del", Home);
        await TryAsync("ip", "netns", "del", Router);
        await TryAsync("ip", "link", "del", _name + "0");
    }

    private async Task BuildAsync(TimeSpan forgetsAfter)
    {
        await RunAsync("ip", "netns", "add", Router);
        await RunAsync("ip", "netns", "add", Home);
        await RunAsync("ip", "link", "add", _name + "0", "type", "veth", "peer", "name", "wan", "netns", Router);
        await RunAsync("ip", "addr", "add", _subnet + ".1/24", "dev", _name + "0");
        await RunAsync("ip", "link", "set", _name + "0", "up");
        await RunAsync("ip", "-n", Router, "link", "add", "lan", "type", "veth", "peer", "name", "eth0", "netns", Home);
        await RunAsync("ip", "-n", Router, "addr", "add", _subnet + ".2/24", "dev", "wan");
        await RunAsync("ip", "-n", Router, "addr", "add", Router192 + "/24", "dev", "lan");
        await RunAsync("ip", "-n", Home, "addr", "add", Home192 + "/24", "dev", "eth0");
        foreach (var (where, device) in new[] { (Router, "wan"), (Router, "lan"), (Router, "lo"), (Home, "eth0"), (Home, "lo") })
        {
            await RunAsync("ip", "-n", where, "link", "set", device, "up");
        }

        await RunAsync("ip", "-n", Home, "route", "add", "default", "via", Router192);
        await RunAsync("ip", "netns", "exec", Router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        foreach (var rule in new[]
        {
            "add table ip home",
            "add chain ip home out { type nat hook postrouting priority 100 ; }",
            "add rule ip home out oifname wan masquerade",
            "add chain ip home pass { type filter hook forward priority 0 ; policy drop ; }",
            // What belongs to no connection that is remembered is lost, whoever sent it.
            "add rule ip home pass ct state invalid drop",
            "add rule ip home pass iifname lan oifname wan accept",
            "add rule ip home pass iifname wan ct state established accept",
            "add chain ip home in { type filter hook input priority 0 ; policy drop ; }",
        })
        {
            await RunAsync(["ip", "netns", "exec", Router, "nft", .. rule.Split(' ')]);
        }

        var seconds = ((int)forgetsAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await RunAsync("ip", "netns", "exec", Router, "sysctl", "-q", "-w", "net.netfilter.nf_conntrack_tcp_timeout_established=" + seconds);
        // A connection in the middle is not taken for a new one.
        await RunAsync("ip", "netns", "exec", Router, "sysctl", "-q", "-w", "net.netfilter.nf_conntrack_tcp_loose=0");
    }

    private static string NewName()
    {
        const int HexDigits = 6;
        return "cs" + RandomNumberGenerator.GetHexString(HexDigits, lowercase: true);
    }

    private static async Task RunAsync(params string[] command)
    {
        if (await TryAsync(command) is { } error)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
        }
    }

    /// <returns>Null: it worked.</returns>
    private static async Task<string?> TryAsync(params string[] command)
    {
        using var limit = new CancellationTokenSource(CommandLimit);
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0 ? null : (await error).Trim();
    }
}
