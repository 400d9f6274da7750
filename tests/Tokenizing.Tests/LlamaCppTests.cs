using ComputeShare.TestSupport;
using ComputeShare.TestSupport.Servers;
using ComputeShare.Tokenizing.BytePairs;
using ComputeShare.Tokenizing.Gguf;
using ComputeShare.Tokenizing.Tests.Vocabularies;

namespace ComputeShare.Tokenizing.Tests;

/// <summary>Our tokens are llama.cpp's, token by token, on text of all kinds.</summary>
[Trait("Category", "Integration")]
public sealed class LlamaCppTests : IAsyncLifetime
{
    private const int Texts = 200;

    private static readonly Vocabulary[] Vocabularies =
    [
        new("the committed model", () => File.ReadAllBytes(Repository.PathOf("HosterNode", "Models", "tiny.gguf"))),
        .. KnownPreTokenizers.Names.Select(name => new Vocabulary(name, () => TrainedVocabulary.Bytes(name))),
        new("llama-bpe with added tokens", () => TrainedVocabulary.Bytes("llama-bpe", withWholes: true)),
        new("pieces", () => TrainedVocabulary.Characters()),
        new("pieces without a space first", () => TrainedVocabulary.Characters(spacePrefix: false)),
        new("pieces with added tokens", () => TrainedVocabulary.Characters(withWholes: true)),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("computeshare-vocabularies-").FullName;
    private LlamaTokenizers? _llama;

    private LlamaTokenizers Llama => _llama!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(LlamaServer.IsSupported, "tests/LlamaServer installs llama.cpp for Linux on x64 only.");
        var files = Vocabularies.Select((_, index) => Path.Combine(_folder, $"{index}.gguf")).ToArray();
        foreach (var (file, vocabulary) in files.Zip(Vocabularies))
        {
            await File.WriteAllBytesAsync(file, vocabulary.Write());
        }

        _llama = await LlamaTokenizers.StartAsync(files, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await (_llama?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Encode_MixedText_GivesLlamaCppsTokens()
    {
        var source = new MixedText(seed: 2);
        var texts = Enumerable.Range(0, Texts).Select(index => source.Next(1 + (index % 24))).ToArray();
        var different = new List<string>();
        for (var index = 0; index < Vocabularies.Length; index++)
        {
            var tokenizer = TokenizerFile.Of(GgufFile.ReadMetadata(Path.Combine(_folder, $"{index}.gguf")));
            var theirs = await Llama.TokenizeAsync(index, texts, TestContext.Current.CancellationToken);
            different.AddRange(texts.Zip(theirs)
                .Where(pair => !Encode(tokenizer, pair.First).SequenceEqual(pair.Second))
                .Take(3)
                .Select(pair => $"{Vocabularies[index].Name}: {System.Text.Json.JsonSerializer.Serialize(pair.First)}: [{string.Join(' ', Encode(tokenizer, pair.First))}], llama.cpp [{string.Join(' ', pair.Second)}]"));
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    private static List<int> Encode(TextTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return tokens;
    }

    private sealed record Vocabulary(string Name, Func<byte[]> Write);
}
