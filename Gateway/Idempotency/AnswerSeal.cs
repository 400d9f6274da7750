using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ComputeShare.Gateway.Idempotency;

/// <summary>
/// Encrypts answers before they leave for Billing's database (AES-256-GCM): a format byte, the key's name, nonce, tag, text. Bound to
/// account, key and request, so that no answer can be put in another's place.
/// </summary>
internal sealed class AnswerSeal
{
    private const byte Format = 1;
    private const int NameBytes = 4;
    private const int NonceAt = 1 + NameBytes;
    private const int TagAt = NonceAt + NonceBytes;
    private const int TextAt = TagAt + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KeyBytes = 32;

    private readonly byte[] _key;
    private readonly byte[] _name;

    public AnswerSeal(IOptions<IdempotencyOptions> options, ILogger<AnswerSeal> logger)
    {
        _key = Convert.FromBase64String(options.Value.AnswerKey);
        if (_key.Length == 0)
        {
            IdempotencyLog.AnswerKeyByChance(logger);
            _key = RandomNumberGenerator.GetBytes(KeyBytes);
        }

        _name = SHA256.HashData(_key)[..NameBytes];
    }

    public byte[] Close(ReadOnlySpan<byte> text, KeyedRequest request)
    {
        var answer = new byte[TextAt + text.Length];
        answer[0] = Format;
        _name.CopyTo(answer, 1);
        var nonce = answer.AsSpan(NonceAt, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        // One for each use: it is not for several threads at once.
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(nonce, text, answer.AsSpan(TextAt), answer.AsSpan(TagAt, TagBytes), Binding(request));
        return answer;
    }

    /// <returns>Null: encrypted with another key, or not by us.</returns>
    public byte[]? Open(ReadOnlySpan<byte> answer, KeyedRequest request)
    {
        if (answer.Length < TextAt || answer[0] != Format || !answer.Slice(1, NameBytes).SequenceEqual(_name))
        {
            return null;
        }

        var text = new byte[answer.Length - TextAt];
        using var cipher = new AesGcm(_key, TagBytes);
        try
        {
            cipher.Decrypt(answer.Slice(NonceAt, NonceBytes), answer[TextAt..], answer.Slice(TagAt, TagBytes), text, Binding(request));
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Binding(KeyedRequest request) => Encoding.UTF8.GetBytes($"{request.AccountId}\n{request.Id.Value}\n{request.Key}");
}
