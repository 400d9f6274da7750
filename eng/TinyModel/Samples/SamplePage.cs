using System.Globalization;
using System.Text;

namespace ComputeShare.TinyModel.Samples;

/// <summary>docs/samples.md: what the committed model answers, and how well it knows verses that it was not taught.</summary>
internal static class SamplePage
{
    private static readonly string[] Prompts =
    [
        "Write a haiku about GPUs", "Write a haiku about the sea", "Write a short poem about coffee", "Hello!", "Who are you?", "What is ComputeShare?",
        "Tell me a joke", "What is the capital of France?", "Write a haiku about tractors", "What is 17 times 23?",
    ];

    public static async Task<string> WriteAsync(string path, byte[] untrained) =>
        $"""
        # What the built-in model says

        `computeshare/tiny` has about one million parameters, trained by `eng/TinyModel` on text that the project makes itself ([model.md](model.md)).
        These are its answers, written here by `dotnet run -c Release --project eng/TinyModel -- samples HosterNode/Models/tiny.gguf docs/samples.md`;
        at temperature 0.8 with seed 1.

        | Perplexity per token of {Perplexity.Haikus} haikus that were held out of training | |
        | --- | ---: |
        | before training | {Perplexity.Of(untrained):0.0} |
        | trained | {Perplexity.Of(await File.ReadAllBytesAsync(path)):0.00} |

        {await AnswersAsync(path)}

        """;

    /// <summary>The page's prompts and answers.</summary>
    public static async Task<string> AnswersAsync(string path)
    {
        using var speaker = new Speaker(path);
        var page = new StringBuilder();
        foreach (var prompt in Prompts)
        {
            page.Append("## ").Append(prompt).Append('\n');
            foreach (var temperature in new[] { 0, 0.8 })
            {
                var answer = await speaker.AskAsync(prompt, temperature);
                page.Append(CultureInfo.InvariantCulture, $"\nTemperature {temperature}:\n\n> {answer.Replace("\n", "  \n> ", StringComparison.Ordinal)}\n");
            }

            page.Append('\n');
        }

        return page.ToString().TrimEnd('\n');
    }
}
