using System.Collections.Concurrent;
using ComputeShare.Contracts.Billing;
using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Settlement;

/// <summary>
/// Settlements on disk, one file each, until Billing has answered. A folder per start of a gateway, under a lock that dies with the process;
/// a starting gateway adopts what unlocked ones have left, and settles what they had open. Any thread may add.
/// </summary>
internal sealed class SettlementSpool : IDisposable
{
    private const string LockName = ".lock";
    private const string Extension = ".settle";
    private const string Journal = "open.journal";
    private const string RejectedFolder = "rejected";
    private const int MostLockTries = 1000;
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private readonly string _root;
    private readonly string _own;
    private readonly FileStream _lock;

    // What the disk would not take, until it does or Billing has answered.
    private readonly ConcurrentDictionary<string, Settle> _unwritten = new();

    public SettlementSpool(IOptions<SettlementOptions> options, GatewayReplica replica)
    {
        _root = Path.GetFullPath(options.Value.SpoolPath);
        _own = Path.Combine(_root, replica.Name);
        CreateFolder(_root);
        // One gateway at a time makes its folder and takes over others': a new folder that is not locked yet looks as if it were left.
        using var starting = LockRoot();
        CreateFolder(_own);
        _lock = TryLock(_own) ?? throw new InvalidOperationException($"{SettlementOptions.Section}:SpoolPath: {_own} is in use by another process.");
        Adopt();
    }

    /// <returns>It is on disk; else in memory only, because the disk would not take it.</returns>
    public bool Add(Settle settle)
    {
        if (TryWrite(_own, settle))
        {
            return true;
        }

        _unwritten[FileFor(_own, settle)] = settle;
        return false;
    }

    /// <summary>
    /// Keeps how open requests are to be settled if this process dies; replaces what was kept before. It is not forced to the disk: it is to outlive
    /// the process, not the machine. One caller at a time.
    /// </summary>
    /// <exception cref="IOException">It is not kept; what was kept before is.</exception>
    public void KeepOpen(IReadOnlyList<Settle> settles) =>
        Write(Path.Combine(_own, Journal), stream => WriteJournal(stream, settles), toDisk: false);

    /// <summary>Keeps what Billing rejects for ever, for the operator to look at.</summary>
    /// <returns>It is on disk.</returns>
    public bool SetAside(Settle settle) => TryWrite(Path.Combine(_root, RejectedFolder), settle);

    /// <summary>The oldest first. A file that is no settlement is set aside; what the disk would not take is offered to it again.</summary>
    public IEnumerable<Settle> Waiting()
    {
        WriteUnwritten();
        return _unwritten.Values
            .Concat(Directory.GetFiles(_own, "*" + Extension).Order(StringComparer.Ordinal).Select(Read).OfType<Settle>());
    }

    public void Remove(Settle settle)
    {
        _unwritten.TryRemove(FileFor(_own, settle), out _);
        File.Delete(FileFor(_own, settle));
    }

    public void Dispose()
    {
        WriteUnwritten();
        File.Delete(Path.Combine(_own, Journal));
        if (!Directory.EnumerateFiles(_own, "*" + Extension).Any())
        {
            Directory.Delete(_own, recursive: true);
        }

        _lock.Dispose();
    }

    private void WriteUnwritten()
    {
        foreach (var (file, settle) in _unwritten)
        {
            if (TryWrite(_own, settle))
            {
                _unwritten.TryRemove(file, out _);
            }
        }
    }

    private Settle? Read(string file)
    {
        if (Parse(File.ReadAllBytes(file)) is { } settle && FileFor(_own, settle) == file)
        {
            return settle;
        }

        var folder = Path.Combine(_root, RejectedFolder);
        CreateFolder(folder);
        File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        return null;
    }

    // An empty file is a message without any field.
    private static Settle? Parse(byte[] content)
    {
        try
        {
            return Settle.Parser.ParseFrom(content);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private FileStream LockRoot()
    {
        using var pause = new ManualResetEventSlim();
        for (var tries = 0; tries < MostLockTries; tries++)
        {
            if (TryLock(_root) is { } root)
            {
                return root;
            }

            pause.Wait(LockPause);
        }

        throw new InvalidOperationException($"{SettlementOptions.Section}:SpoolPath: {_root} stays locked by another gateway that starts.");
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

            foreach (var settle in ReadJournal(folder).Where(settle => !File.Exists(FileFor(_own, settle))))
            {
                // As safe as it was.
                Write(_own, settle, toDisk: false);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    // As the library would write a BillingCommands, but without a copy of ten thousand streams' records in memory, ten times a second.
    private static void WriteJournal(FileStream stream, IReadOnlyList<Settle> settles)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        foreach (var settle in settles)
        {
            var size = settle.CalculateSize();
            output.WriteTag(BillingCommands.CommandsFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(CodedOutputStream.ComputeTagSize(BillingCommand.SettleFieldNumber) + CodedOutputStream.ComputeLengthSize(size) + size);
            output.WriteTag(BillingCommand.SettleFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteMessage(settle);
        }
    }

    /// <summary>Of requests that were settled meanwhile, too: Billing settles each once.</summary>
    private static IEnumerable<Settle> ReadJournal(string folder)
    {
        try
        {
            var journal = Path.Combine(folder, Journal);
            return File.Exists(journal) ? BillingCommands.Parser.ParseFrom(File.ReadAllBytes(journal)).Commands.Select(command => command.Settle) : [];
        }
        catch (InvalidProtocolBufferException)
        {
            // The machine died with it; Billing has checkpoints.
            return [];
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

    private static bool TryWrite(string folder, Settle settle)
    {
        try
        {
            CreateFolder(folder);
            Write(folder, settle, toDisk: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Write(string folder, Settle settle, bool toDisk) => Write(FileFor(folder, settle), stream => settle.WriteTo(stream), toDisk);

    private static void Write(string file, Action<FileStream> write, bool toDisk)
    {
        var unfinished = file + ".tmp";
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            write(stream);
            stream.Flush(flushToDisk: toDisk);
        }

        // A reader never sees half of it.
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
