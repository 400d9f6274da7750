namespace ComputeShare.TestSupport;

/// <summary>The checkout that the running tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Debug or Release, as this program was built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A service of this checkout: as it was published, where ./bench has done that, else as it was built.</summary>
    public static string ServiceProgram(string project) => Path.Combine(
        Environment.GetEnvironmentVariable("Benchmarks__Published") is { Length: > 0 } published
            ? Path.Combine(published, project)
            : PathOf(project, "bin", Configuration, "net10.0"),
        $"ComputeShare.{project}.dll");

    private static string Find(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (File.Exists(Path.Combine(current.FullName, "ComputeShare.sln")))
            {
                return current.FullName;
            }
        }

        throw new InvalidOperationException($"{folder} is not inside a checkout of ComputeShare.");
    }
}
