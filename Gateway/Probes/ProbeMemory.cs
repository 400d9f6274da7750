using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ComputeShare.Gateway.Probes;

/// <summary>What is remembered of one node's model: whom it takes the prober for, and hashes of what it has answered. Used by one flow.</summary>
internal sealed class ProbeMemory
{
    private const int MostAnswers = 200;

    // Two equal answers of a few sentences are no chance; of a few words it takes more.
    private const int RepeatedBytes = 200;

    // Half of all conversations are with strangers, so that a node which knows its regulars again does not know them; half with one who has been
    // here before, so that a node which is good to strangers is not always good.
    private const double IsStranger = 0.5;
    private const double LeavesForEver = 0.1;

    private readonly Queue<ulong> _answers = new();
    private readonly HashSet<ulong> _ofReference = [];
    private string _regular = NewPersona();

    public static string NewPersona() => $"probe:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>Who asks in the next conversation.</summary>
    public string Persona()
    {
        _regular = Chance.Of(LeavesForEver) ? NewPersona() : _regular;
        return Chance.Of(IsStranger) ? NewPersona() : _regular;
    }

    /// <summary>Remembers an answer.</summary>
    /// <returns>It was given before, to other questions, too often for a model that reads them.</returns>
    public bool IsRepeated(ReadOnlySpan<byte> text)
    {
        var hash = Hash(text);
        var times = 1 + _answers.Count(other => other == hash);
        _answers.Enqueue(hash);
        if (_answers.Count > MostAnswers)
        {
            _answers.Dequeue();
        }

        return times > 1 && times * text.Length >= RepeatedBytes && !_ofReference.Contains(hash);
    }

    /// <summary>A trusted hoster says so too: the model does.</summary>
    public void Expect(ReadOnlySpan<byte> text)
    {
        if (_ofReference.Count >= MostAnswers)
        {
            _ofReference.Clear();
        }

        _ofReference.Add(Hash(text));
    }

    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
