using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;
using ComputeShare.TinyModel.Training;

namespace ComputeShare.TinyModel;

/// <summary>The whole GGUF file from vocabulary and weights.</summary>
internal static class TinyModelFile
{
    private const int NormalToken = 1;
    private const int ControlToken = 3;
    private const uint MostlyHalf = 1;

    public static byte[] Write(Vocabulary vocabulary, ParameterLayout layout, ReadOnlySpan<float> values)
    {
        using var file = new GgufWriter();
        AddArchitecture(file, layout.Shape);
        AddTokenizer(file, vocabulary);
        foreach (var parameter in layout.All)
        {
            AddTensor(file, parameter, parameter.Of(values));
        }

        return file.ToArray();
    }

    private static void AddArchitecture(GgufWriter file, LlamaShape shape)
    {
        file.Add("general.architecture", "llama");
        file.Add("general.name", ModelShape.Name);
        file.Add("general.organization", "ComputeShare");
        file.Add("general.description", "A very small model that writes verses and short answers, trained by eng/TinyModel on text of the project's own making.");
        file.Add("general.file_type", MostlyHalf);
        file.Add("llama.vocab_size", (uint)shape.VocabularySize);
        file.Add("llama.context_length", (uint)shape.ContextLength);
        file.Add("llama.embedding_length", (uint)shape.EmbeddingLength);
        file.Add("llama.block_count", (uint)shape.BlockCount);
        file.Add("llama.feed_forward_length", (uint)shape.FeedForwardLength);
        file.Add("llama.attention.head_count", (uint)shape.HeadCount);
        file.Add("llama.attention.head_count_kv", (uint)shape.KeyValueHeadCount);
        file.Add("llama.rope.dimension_count", (uint)shape.HeadLength);
        file.Add("llama.rope.freq_base", shape.RopeBase);
        file.Add("llama.attention.layer_norm_rms_epsilon", shape.NormEpsilon);
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

    private static void AddTensor(GgufWriter file, Parameter parameter, ReadOnlySpan<float> values)
    {
        if (parameter.IsNorm)
        {
            file.AddVector(parameter.Name, values);
        }
        else if (parameter.IsEmbedding)
        {
            file.AddMatrix(parameter.Name, parameter.Columns, parameter.Rows, values);
        }
        else
        {
            // The file has a row per output.
            var rows = new float[parameter.Length];
            Matrices.Transpose(values, rows, parameter.Rows, parameter.Columns);
            file.AddMatrix(parameter.Name, parameter.Rows, parameter.Columns, rows);
        }
    }
}
