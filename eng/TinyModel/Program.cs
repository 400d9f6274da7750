using System.Diagnostics;
using System.Globalization;
using ComputeShare.TinyModel;
using ComputeShare.TinyModel.Samples;
using ComputeShare.TinyModel.Text;
using ComputeShare.TinyModel.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["train", var path]:
        return Train(path, TinyModelTraining.Plan);
    case ["train", var path, var steps]:
        return Train(path, TinyModelTraining.Plan with { Steps = int.Parse(steps, CultureInfo.InvariantCulture) });
    case ["samples", var path, var page]:
        await File.WriteAllTextAsync(page, await SamplePage.WriteAsync(path, new TinyModelTraining().Untrained()));
        return 0;
    case ["text", var count]:
        ShowText(int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["ask", var path, .. var prompts]:
        await AskAsync(path, prompts);
        return 0;
    default:
        Console.Error.WriteLine(
            """
            Usage: dotnet run -c Release --project eng/TinyModel -- …
              train FILE.gguf [STEPS]        trains the model: about half an hour on two cores
              text COUNT                     shows conversations of the training text
              samples FILE.gguf PAGE.md      writes the page of samples
              ask FILE.gguf PROMPT…          answers each prompt, at temperature 0 and 0.8
            """);
        return 1;
}

static int Train(string path, TrainingPlan plan)
{
    var started = Stopwatch.StartNew();
    var bytes = new TinyModelTraining().Train(plan, (line, soFar) =>
    {
        File.WriteAllBytes(path, soFar);
        Console.WriteLine($"{started.Elapsed.TotalSeconds,6:0} s  {line}");
    });
    File.WriteAllBytes(path, bytes);
    Console.WriteLine($"{path}: {bytes.Length} bytes after {started.Elapsed.TotalMinutes:0.0} minutes.");
    return 0;
}

static void ShowText(int count)
{
    var text = new TrainingText(new SeededRandom(1));
    for (var i = 0; i < count; i++)
    {
        Console.WriteLine(string.Join('\n', text.Next().Turns.Select(turn => $"[{turn.Role}] {turn.Text}{string.Concat(turn.Calls)}")) + "\n");
    }
}

static async Task AskAsync(string path, string[] prompts)
{
    using var speaker = new Speaker(path);
    foreach (var prompt in prompts)
    {
        Console.WriteLine($"? {prompt}\n{await speaker.AskAsync(prompt, 0)}\n-\n{await speaker.AskAsync(prompt, 0.8)}\n");
    }
}
