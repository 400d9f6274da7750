using ComputeShare.Tokenizing.Gguf;

namespace ComputeShare.HosterNode.Engines.BuiltIn;

/// <summary>The bytes of a model: of a file, or, where the node is one file itself, of what it carries.</summary>
internal static class ModelFile
{
    // The engine is for small models; a larger one belongs to an engine with a GPU.
    private const long MaxBytes = 1L << 30;

    /// <param name="path">A relative one begins at the program's folder.</param>
    /// <exception cref="GgufException">There is no such file, or it is too large.</exception>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(Path.Combine(AppContext.BaseDirectory, path));
        if (!file.Exists)
        {
            return ReadCarried(path) ?? throw new GgufException("There is no such file.");
        }

        return file.Length <= MaxBytes
            ? File.ReadAllBytes(file.FullName)
            : throw new GgufException($"The file has {file.Length} bytes; the built-in engine takes models of at most {MaxBytes}.");
    }

    private static byte[]? ReadCarried(string name)
    {
        using var carried = typeof(ModelFile).Assembly.GetManifestResourceStream(name);
        if (carried is null)
        {
            return null;
        }

        var bytes = new byte[carried.Length];
        carried.ReadExactly(bytes);
        return bytes;
    }
}
