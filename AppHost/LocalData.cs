using System.Security.Cryptography;
using ComputeShare.Contracts;

namespace ComputeShare.AppHost;

/// <summary>
/// The folder of everything that outlives a run: <c>.computeshare</c> in the checkout (git-ignored), or <c>Data:Folder</c>. One run at a
/// time has it.
/// </summary>
internal sealed class LocalData : IDisposable
{
    private const string FolderKey = "Data:Folder";
    private const string DefaultPath = "../.computeshare";

    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A server that root starts under another user must find its way to its data; it cannot list what else is here.
    private const UnixFileMode OthersPassThrough = OnlyOwner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode OnlyOwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What ./run keeps here is no data of a run.
    private static readonly string[] Kept = ["lock", "registry.props"];

    private readonly FileStream _lock;

    private LocalData(string path, FileStream fileLock)
    {
        Path = path;
        _lock = fileLock;
    }

    public string Path { get; }

    public static LocalData Open(IDistributedApplicationBuilder builder)
    {
        var path = System.IO.Path.GetFullPath(builder.Configuration[FolderKey] ?? DefaultPath, builder.AppHostDirectory);
        Directory.CreateDirectory(path, OnlyOwner);
        File.SetUnixFileMode(path, Environment.IsPrivilegedProcess ? OthersPassThrough : OnlyOwner);
        try
        {
            return new LocalData(path, Create(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate));
        }
        catch (IOException)
        {
            throw new StartupException($"Another run already uses {path}; stop it first, or set {FolderKey} to another folder.");
        }
    }

    public static string NewSecret() => RandomNumberGenerator.GetHexString(48, lowercase: true);

    /// <summary>A folder that only this user can enter.</summary>
    public string Folder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name), OnlyOwner).FullName;

    /// <summary>The consumer key of the demo account: made at the first start; Billing stores its hash.</summary>
    public string DemoKey() => Secret("demo-key", () => ApiKey.Create(ApiKey.ConsumerPrefix));

    /// <summary>The demo hoster's key, which the local nodes join with: made and kept likewise.</summary>
    public string DemoHosterKey() => Secret("demo-hoster-key", () => ApiKey.Create(ApiKey.HosterPrefix));

    /// <summary>What the gateway encrypts kept answers with: they outlive a run.</summary>
    public string AnswerKey() => Secret("answer-key", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    /// <summary>The same secret in every run.</summary>
    public string Secret(string name) => Secret(name, NewSecret);

    /// <summary>Replaces a file that only this user can read.</summary>
    public void Write(string name, string content)
    {
        using var file = Create(System.IO.Path.Combine(Path, name), FileMode.Create);
        using var writer = new StreamWriter(file);
        writer.Write(content);
    }

    /// <summary>As in a new checkout.</summary>
    public void Empty()
    {
        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos().Where(entry => !Kept.Contains(entry.Name)))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
                continue;
            }

            // Where the servers' user cannot search the checkout, the data lies elsewhere, behind a link (eng/postgres-server).
            var target = entry.ResolveLinkTarget(returnFinalTarget: true) as DirectoryInfo;
            entry.Delete();
            if (target is { Exists: true })
            {
                target.Delete(recursive: true);
            }
        }
    }

    public void Dispose() => _lock.Dispose();

    private string Secret(string name, Func<string> create)
    {
        var path = System.IO.Path.Combine(Path, name);
        if (!File.Exists(path))
        {
            Write(name, create());
        }

        return File.ReadAllText(path);
    }

    private static FileStream Create(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = OnlyOwnersFile,
    });
}
