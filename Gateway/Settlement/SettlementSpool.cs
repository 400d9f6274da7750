using ComputeShare.Contracts.Billing;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>
/// Settlements on disk, one file each, until Billing has answered. A folder per start of a gateway, under a lock that dies with the process;
/// a starting gateway adopts what unlocked ones have left. Any thread may add.
/// </summary>
internal sealed class SettlementSpool : IDisposable
{
    private const string LockName = ".lock";
    private const string Extension = ".settle";
    private const string RejectedFolder = "rejected";
    private const int MostLockTries = 1000;

    private readonly string _root;
    private readonly string _own;
    private readonly FileStream _lock;

    public SettlementSpool(IOptions<SettlementOptions> options, GatewayReplica replica)
    {
        _root = Path.GetFullPath(options.Value.SpoolPath);
        _own = Path.Combine(_root, replica.Name);
        CreateFolder(_root);
        _lock = LockOwn();
        Adopt();
    }

    /// <summary>Returns when the settlement is on disk.</summary>
    public void Add(Settle settle) => Write(_own, settle);

    /// <summary>Keeps what Billing rejects for ever, for the operator to look at.</summary>
    public void SetAside(Settle settle)
    {
        var folder = Path.Combine(_root, RejectedFolder);
        CreateFolder(folder);
        Write(folder, settle);
    }

    public IReadOnlyList<Settle> Waiting() =>
        [.. Directory.EnumerateFiles(_own, "*" + Extension).Order(StringComparer.Ordinal).Select(file => Settle.Parser.ParseFrom(File.ReadAllBytes(file)))];

    public void Remove(Settle settle) => File.Delete(FileFor(_own, settle));

    public void Dispose()
    {
        var empty = !Directory.EnumerateFiles(_own, "*" + Extension).Any();
        _lock.Dispose();
        if (empty)
        {
            Directory.Delete(_own, recursive: true);
        }
    }

    // Another gateway that starts just now may take the new folder, not locked yet, for one that was left, and delete it.
    private FileStream LockOwn()
    {
        for (var tries = 0; tries < MostLockTries; tries++)
        {
            CreateFolder(_own);
            if (TryLock(_own) is { } own)
            {
                return own;
            }
        }

        throw new InvalidOperationException($"{SettlementOptions.Section}:SpoolPath: {_own} cannot be locked.");
    }

    private void Adopt()
    {
        foreach (var folder in Directory.GetDirectories(_root).Where(folder => folder != _own && Path.GetFileName(folder) != RejectedFolder))
        {
            using var abandoned = TryLock(folder);
            if (abandoned is null)
            {
                continue;
            }

            foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                File.Move(file, Path.Combine(_own, Path.GetFileName(file)), overwrite: true);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Write(string folder, Settle settle)
    {
        var file = FileFor(folder, settle);
        var unfinished = file + ".tmp";
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            settle.WriteTo(stream);
            stream.Flush(flushToDisk: true);
        }

        // A reader never sees half a settlement.
        File.Move(unfinished, file, overwrite: true);
    }

    private static string FileFor(string folder, Settle settle) => Path.Combine(folder, $"{settle.RequestId}-{settle.Kind}{Extension}");

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
