namespace ComputeShare.TinyModel;

/// <summary>The whole file, the same bytes at every run. A test compares it with the committed one.</summary>
public static class TinyModelFile
{
    private const int NormalToken = 1;
    private const int ControlToken = 3;
    private const uint MostlyHalf = 1;

    public static byte[] Create()
    {
        var random = new SeededRandom(ModelShape.Seed);
        var text = new TrainingText(random).Generate();
        var vocabulary = BpeTrainer.Train(text, ModelShape.VocabularySize - 256 - ChatFormat.SpecialTokens.Length);
        using var file = new GgufWriter();
        AddArchitecture(file);
        AddTokenizer(file, vocabulary);
        new TinyWeights(random, vocabulary).AddTo(file);
        return file.ToArray();
    }

    private static void AddArchitecture(GgufWriter file)
    {
        file.Add("general.architecture", "llama");
        file.Add("general.name", ModelShape.Name);
        file.Add("general.organization", "ComputeShare");
        file.Add("general.description", "Random weights over a trained vocabulary: made by eng/TinyModel, for tests and first requests.");
        file.Add("general.file_type", MostlyHalf);
        file.Add("llama.vocab_size", (uint)ModelShape.VocabularySize);
        file.Add("llama.context_length", (uint)ModelShape.ContextLength);
        file.Add("llama.embedding_length", (uint)ModelShape.EmbeddingLength);
        file.Add("llama.block_count", (uint)ModelShape.BlockCount);
        file.Add("llama.feed_forward_length", (uint)ModelShape.FeedForwardLength);
        file.Add("llama.attention.head_count", (uint)ModelShape.HeadCount);
        file.Add("llama.attention.head_count_kv", (uint)ModelShape.KeyValueHeadCount);
        file.Add("llama.rope.dimension_count", (uint)ModelShape.HeadLength);
        file.Add("llama.rope.freq_base", ModelShape.RopeBase);
        file.Add("llama.attention.layer_norm_rms_epsilon", ModelShape.NormEpsilon);
    }

    private static void AddTokenizer(GgufWriter file, Vocabulary vocabulary)
    {
        var texts = vocabulary.Tokens.Count;
        string[] tokens = [.. vocabulary.Tokens, .. ChatFormat.SpecialTokens];
        file.Add("tokenizer.ggml.model", "gpt2");
        file.Add("tokenizer.ggml.pre", "gpt-2");
        file.Add("tokenizer.ggml.tokens", tokens);
        file.Add("tokenizer.ggml.token_type", tokens.Select((_, id) => id < texts ? NormalToken : ControlToken).ToArray());
        file.Add("tokenizer.ggml.merges", vocabulary.Merges);
        file.Add("tokenizer.ggml.bos_token_id", (uint)Array.IndexOf(tokens, ChatFormat.EndOfText));
        file.Add("tokenizer.ggml.eos_token_id", (uint)Array.IndexOf(tokens, ChatFormat.EndOfText));
        file.Add("tokenizer.ggml.eot_token_id", (uint)Array.IndexOf(tokens, ChatFormat.EndOfTurn));
        file.Add("tokenizer.ggml.add_bos_token", false);
        file.Add("tokenizer.chat_template", ChatFormat.Template);
    }
}
