using ComputeShare.HosterNode.Engines.BuiltIn.Transformer;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn;

/// <summary>
/// What llama.cpp (node-llama-cpp 3, CPU) makes of the committed file. It rounds activations to half precision before each product, so
/// greedy texts part at the first near-tie, here at the 56th token; tokens of a text are equal always.
/// </summary>
public sealed class LlamaCppReferenceTests
{
    public static TheoryData<string, int[]> Texts => new()
    {
        { "Tell me of the river.", [84, 101, 296, 276, 101, 32, 111, 102, 258, 443, 46] },
        {
            "The quiet garden's door isn't open, and I don't know why: 123 birds!",
            [695, 461, 535, 379, 529, 317, 110, 380, 378, 44, 683, 302, 386, 380, 387, 389, 58, 705, 50, 51, 743, 33]
        },
        {
            "héllo wörld 🎉🎊 日本語 𝐀𝐁 𝟙𝟚 a",
            [
                104, 195, 169, 296, 111, 266, 195, 182, 114, 282, 32, 240, 159, 142, 137, 240, 159, 142, 138, 32, 230, 151, 165, 230, 156, 172,
                232, 170, 158, 32, 240, 157, 144, 128, 240, 157, 144, 129, 32, 240, 157, 159, 153, 240, 157, 159, 154, 259,
            ]
        },
        {
            "  two  spaces\n\n\ttabs \u00a0nbsp ",
            [32, 257, 119, 111, 32, 261, 112, 513, 268, 10, 10, 9, 116, 97, 98, 115, 32, 194, 160, 110, 98, 115, 112, 32]
        },
        { "'ll we've it's", [39, 296, 266, 101, 39, 118, 101, 32, 319, 379] },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Encode_AText_GivesLlamaCppsTokens(string text, int[] expected)
    {
        var tokens = new List<int>();

        CommittedModel.Model.Tokenizer.Encode(text, tokens);

        Assert.Equal(expected, tokens);
    }

    [Fact]
    public void Predict_Greedy_GivesLlamaCppsTokens()
    {
        // <|user|>\nTell me of the river.<|end|>\n<|assistant|>\n
        int[] prompt = [765, 10, 84, 101, 296, 276, 101, 32, 111, 102, 258, 443, 46, 767, 10, 766, 10];
        int[] expected =
        [
            478, 718, 580, 456, 564, 588, 65, 555, 51, 482, 300, 517, 295, 449, 524, 478, 479, 503, 653, 591, 500, 425, 300, 638, 10, 295, 736,
            56, 653, 280, 350, 555, 630, 414, 548, 555, 504, 503, 529, 701, 446, 519, 637, 524, 430, 408, 350, 680, 653, 466, 731, 300, 295,
        ];
        var model = CommittedModel.Model.Transformer;
        var cache = new KvCache(model.Shape, prompt.Length + expected.Length);
        var work = new LlamaWorkspace(model.Shape);
        foreach (var token in prompt)
        {
            model.Read(token, cache, work);
        }

        var generated = new List<int>();
        while (generated.Count < expected.Length)
        {
            var logits = model.Predict(work).ToArray();
            generated.Add(Array.IndexOf(logits, logits.Max()));
            model.Read(generated[^1], cache, work);
        }

        Assert.Equal(expected, generated);
    }
}
