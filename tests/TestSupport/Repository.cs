namespace ComputeShare.TestSupport;

/// <summary>The checkout that the running tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Debug or Release, as this program was built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

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
