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

    public static async Task<string> WriteAsync(string path, byte[] untrained)
    {
        using var speaker = new Speaker(path);
        var page = new StringBuilder(
            $"""
            # What the built-in model says

            `computeshare/tiny` has about one million parameters, trained by `eng/TinyModel` on text that the project makes itself. These are its answers,
            written here by `dotnet run -c Release --project eng/TinyModel -- samples HosterNode/Models/tiny.gguf docs/samples.md`; at temperature 0.8 with seed 1.

            | Perplexity per token of {Perplexity.Haikus} haikus held out of training | |
            | --- | ---: |
            | before training | {Perplexity.Of(untrained):0.0} |
            | trained | {Perplexity.Of(await File.ReadAllBytesAsync(path)):0.00} |

            """);
        foreach (var prompt in Prompts)
        {
            page.Append("\n## ").Append(prompt).Append('\n');
            foreach (var temperature in new[] { 0, 0.8 })
            {
                page.Append($"\nTemperature {temperature}:\n\n> ").Append((await speaker.AskAsync(prompt, temperature)).Replace("\n", "  \n> ", StringComparison.Ordinal)).Append('\n');
            }
        }

        return page.ToString();
    }
}
