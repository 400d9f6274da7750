using System.Text;

namespace ComputeShare.HosterNode.Control;

/// <summary>
/// Where a node keeps what is its owner's: the settings it joined with, its schedule, and the socket it is spoken to at. Nobody else on the
/// machine can look into it.
/// </summary>
internal sealed class OwnerFolder
{
    public const string SettingsFile = "node.json";
    public const string ScheduleFile = "schedule";

    private const string Variable = "COMPUTESHARE_NODE_FOLDER";
    private const string Name = "computeshare";

    // Of a socket's address on Linux, with the zero at its end; macOS has four fewer.
    private const int MostSocketPathBytes = 103;

    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OnlyOwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private OwnerFolder(string path) => Path = path;

    public string Path { get; }

    public string SocketPath => System.IO.Path.Combine(Path, "control.sock");

    /// <summary>Not made yet.</summary>
    /// <param name="path">Null: <c>COMPUTESHARE_NODE_FOLDER</c>, else <c>computeshare</c> where this user's settings are.</param>
    public static OwnerFolder At(string? path)
    {
        var chosen = path ?? Environment.GetEnvironmentVariable(Variable);
        var settings = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new OwnerFolder(System.IO.Path.GetFullPath(string.IsNullOrEmpty(chosen) ? System.IO.Path.Combine(settings, Name) : chosen));
    }

    /// <exception cref="ControlException">A socket in it would have too long an address.</exception>
    public OwnerFolder Create()
    {
        if (Encoding.UTF8.GetByteCount(SocketPath) > MostSocketPathBytes)
        {
            throw new ControlException($"The path of the node's folder is too long for a socket in it: {Path}.");
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            Directory.CreateDirectory(Path, OnlyOwner);
            File.SetUnixFileMode(Path, OnlyOwner);
        }

        return this;
    }

    /// <summary>Null: there is no such file.</summary>
    public string? Read(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <summary>The whole file or none of it, whatever happens meanwhile.</summary>
    public void Write(string name, string content)
    {
        var path = System.IO.Path.Combine(Path, name);
        var next = path + ".new";
        // One that a crash has left may have another mode.
        File.Delete(next);
        using (var file = Open(next, FileMode.CreateNew))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(content);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>Held until the result is disposed, however the process ends.</summary>
    /// <exception cref="ControlException">Another node has it.</exception>
    public IDisposable Lock()
    {
        try
        {
            return Open(System.IO.Path.Combine(Path, "lock"), FileMode.OpenOrCreate);
        }
        catch (IOException)
        {
            throw new ControlException($"A node with the folder {Path} runs already; give another one a folder of its own.");
        }
    }

    /// <summary>Others could not get at it in the folder; now not beside it either.</summary>
    public void ProtectSocket()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(SocketPath, OnlyOwnersFile);
        }
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OnlyOwnersFile;
        }

        return new FileStream(path, options);
    }
}
