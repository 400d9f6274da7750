using ComputeShare.TestSupport;

namespace ComputeShare.EndToEnd.Tests.AppHost;

/// <summary>
/// Where Aspire's packages cannot be had, the compiler checks the AppHost against the stand-in only. So eng/restricted/API.md lists each
/// member that it uses, with the place in Aspire's source that was read.
/// </summary>
public sealed class ApiListTests
{
    [Fact]
    public void AppHost_MembersOfAspire_AreExactlyThoseListed()
    {
        var listed = File.ReadLines(Repository.PathOf("eng", "restricted", "API.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])
            .ToHashSet();

        var used = AspireMembers.UsedBy(Repository.PathOf("AppHost", "bin", "Debug", "net10.0", "ComputeShare.AppHost.dll"));

        var differences = used.Except(listed).Select(member => $"not listed: {member}")
            .Concat(listed.Except(used).Select(member => $"not used: {member}"))
            .ToArray();
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }
}
