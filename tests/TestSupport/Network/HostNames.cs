using System.Diagnostics;

namespace ComputeShare.TestSupport.Network;

/// <summary>
/// Names that processes of a test's choice, and nobody else, can look up, until they are forgotten: a mount namespace of their own has a file
/// of the test's in the place of <c>/etc/hosts</c>, and no name server.
/// </summary>
internal sealed class HostNames : IDisposable
{
    private const string Loopback = "127.0.0.1";

    // Without a name server in it, the resolver asks one on this machine, where none is.
    private const string Enter = "mount --bind \"$0\" /etc/hosts && mount --bind /dev/null /etc/resolv.conf && exec \"$@\"";

    private static readonly string[] Names = ["redis", "postgres", "billing", "scheduler", "gateway"];

    private readonly string _file = Path.GetTempFileName();

    private HostNames() => Know();

    /// <summary>What is written behind it runs where these names, and no others, are known.</summary>
    public IReadOnlyList<string> Command => ["unshare", "--mount", "sh", "-c", Enter, _file];

    /// <summary>Skips the test where the machine does not let it.</summary>
    public static async Task<HostNames> CreateAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may give processes names of their own.");
        var names = new HostNames();
        using var probe = Process.Start(new ProcessStartInfo(names.Command[0], [.. names.Command.Skip(1), "true"]) { RedirectStandardError = true })!;
        var refusal = await probe.StandardError.ReadToEndAsync(CancellationToken.None);
        await probe.WaitForExitAsync(CancellationToken.None);
        Assert.SkipUnless(probe.ExitCode == 0, $"This machine makes no mount namespaces: {refusal}");
        return names;
    }

    /// <summary>The address, or what else has one in it, by name.</summary>
    public static string In(string name, string address) => address.Replace(Loopback, FullName(name), StringComparison.Ordinal);

    // Written in place: the namespaces have this very file.
    public void Know() => File.WriteAllText(_file, $"{Loopback} localhost {string.Join(' ', Names.Select(FullName))}\n");

    /// <summary>From now on none of them is found.</summary>
    public void Forget() => File.WriteAllText(_file, $"{Loopback} localhost\n");

    public void Dispose() => File.Delete(_file);

    // Nobody outside has one that ends so (RFC 6761).
    private static string FullName(string name) => name + ".test";
}
