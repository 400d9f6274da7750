using System.Collections.Concurrent;
using ComputeShare.Tokenizing;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Metering;

/// <summary>Tokenizers by the names that the catalogue has for them; each is read once. A file that is changed wants another name.</summary>
internal sealed class TokenizerFolder(IOptions<MeteringOptions> options, ILogger<TokenizerFolder> logger)
{
    private readonly ConcurrentDictionary<string, TextTokenizer?> _read = new();

    /// <returns>Null: none is named, or it cannot be used; the log says why, once.</returns>
    public TextTokenizer? Find(string name) => name.Length == 0 ? null : _read.GetOrAdd(name, Read);

    private TextTokenizer? Read(string name)
    {
        var folder = Path.GetFullPath(options.Value.TokenizerPath);
        var path = Path.GetFullPath(Path.Combine(folder, name));
        try
        {
            return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                ? TokenizerFile.Read(path)
                : throw new TokenizerException("It lies outside Metering:TokenizerPath.");
        }
        catch (Exception error) when (error is TokenizerException or IOException or UnauthorizedAccessException)
        {
            MeteringLog.TokenizerUnusable(logger, name, error.Message);
            return null;
        }
    }
}
