using System.CommandLine;
using System.CommandLine.Parsing;
using ComputeShare.HosterNode.Control;
using ComputeShare.HosterNode.Joining;
using ComputeShare.HosterNode.Reporting;
using Spectre.Console;

namespace ComputeShare.HosterNode.CommandLine;

/// <summary><c>join</c>: from an engine on this machine to a node that earns.</summary>
internal static class JoinCommand
{
    private const string KeyVariable = "COMPUTESHARE_HOSTER_KEY";

    public static Command Create()
    {
        var gateway = new Option<Uri?>("--gateway") { Description = "The marketplace's address.", HelpName = "URL", CustomParser = Address };
        var key = new Option<string?>("--key")
        {
            Description = $"Your hoster key, ngh_…. Other users of the machine can read arguments: {KeyVariable} or the prompt keep it from them.",
            HelpName = "KEY",
        };
        var id = new Option<string?>("--id", "--name") { Description = "The node's id. Default: made from this machine's name.", HelpName = "NAME" };
        var engine = new Option<string?>("--engine")
        {
            Description = $"Your engine's address. Default: found at the usual ports. {JoinWishes.BuiltIn}: the very small model inside the node.",
            HelpName = "URL",
            CustomParser = Engine,
        };
        var engineKey = new Option<string?>("--engine-key") { Description = "What the engine wants as a key.", HelpName = "KEY" };
        var context = new Option<int?>("--context-length") { Description = "Tokens per request, where the engine does not tell.", HelpName = "N" };
        var models = new Option<string?>("--models") { Description = "The only models to offer, separated by commas. Default: all.", HelpName = "MODEL,…" };
        var input = Price("--input", "Dollars for a million tokens of a prompt. Default: the middle of the market.");
        var cached = Price("--cached-input", "The same, of a prompt that the engine remembers. Default: a tenth of --input, or the middle of the market.");
        var output = Price("--output", "Dollars for a million generated tokens. Default: the middle of the market.");
        var slots = new Option<int?>("--slots") { Description = "Requests side by side. Default: as many as still raise the measured throughput.", HelpName = "N", CustomParser = Slots };
        var ownerLast = new Option<bool>("--no-owner-first") { Description = "Does not give way when you use the engine yourself." };
        var plain = new Option<bool>("--allow-unencrypted") { Description = "Lets your key and all prompts go to the gateway without TLS." };
        var trusted = new Option<string?>("--trusted-certificates") { Description = "A PEM file of the authorities that vouch for the gateway. Default: those that this machine trusts.", HelpName = "FILE" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Agrees to what is going to be offered." };
        var noStart = new Option<bool>("--no-start") { Description = "Keeps the settings and ends." };
        var folder = FolderOption.Create();
        var command = new Command("join", "Offers this machine's engine to a marketplace. Without options it starts again as agreed to the last time.")
        {
            gateway, key, id, engine, engineKey, context, models, input, cached, output, slots, ownerLast, plain, trusted, yes, noStart, folder,
        };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new JoinWishes
            {
                Gateway = arguments.GetValue(gateway),
                Key = arguments.GetValue(key),
                Id = arguments.GetValue(id),
                Engine = arguments.GetValue(engine),
                EngineKey = arguments.GetValue(engineKey),
                ContextLength = arguments.GetValue(context),
                Models = (arguments.GetValue(models) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Input = arguments.GetValue(input),
                CachedInput = arguments.GetValue(cached),
                Output = arguments.GetValue(output),
                Slots = arguments.GetValue(slots),
                OwnerFirst = arguments.GetValue(ownerLast) ? false : null,
                AllowUnencrypted = arguments.GetValue(plain),
                TrustedCertificates = arguments.GetValue(trusted) is { } path ? Path.GetFullPath(path) : null,
            },
            arguments.Folder(folder),
            (arguments.GetValue(yes), arguments.GetValue(noStart)),
            arguments.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        JoinWishes wishes, OwnerFolder folder, (bool Yes, bool NoStart) answers, TextWriter output, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var isTerminal = !Console.IsOutputRedirected && ReferenceEquals(output, Console.Out);
        var settings = NodeSettings.Load(folder);
        if (settings is null || !wishes.IsEmpty)
        {
            var dialogue = new OwnerDialogue(console, isAnswered: isTerminal && !Console.IsInputRedirected, answers.Yes);
            var finder = new EngineFinder(UsualPort.All, TimeProvider.System);
            var key = Environment.GetEnvironmentVariable(KeyVariable) ?? "";
            settings = await new Joiner(finder, dialogue, key, TimeProvider.System).JoinAsync(wishes, settings, cancellationToken);
            if (settings is null)
            {
                return NodeCommandLine.Failed;
            }

            settings.Save(folder);
        }

        if (answers.NoStart)
        {
            await output.WriteLineAsync($"Kept in {folder.Path}; join starts {settings.Id}.");
            return NodeCommandLine.Done;
        }

        await JoinedNode.RunAsync(settings, folder, isTerminal ? console : null, cancellationToken);
        return NodeCommandLine.Done;
    }

    private static Option<long?> Price(string name, string description) => new(name) { Description = description, HelpName = "DOLLARS", CustomParser = NanoDollars };

    private static long? NanoDollars(ArgumentResult result)
    {
        if (MarketPrices.ReadDollars(result.Tokens[0].Value) is { } price)
        {
            return price.NanoDollars;
        }

        result.AddError($"{Name(result)} must be dollars per million tokens, such as 0.20.");
        return null;
    }

    private static Uri? Address(ArgumentResult result)
    {
        if (HttpAddress(result.Tokens[0].Value) is { } address)
        {
            // A base URL of an SDK does too.
            return new Uri(address.GetLeftPart(UriPartial.Authority) + "/");
        }

        result.AddError($"{Name(result)} must be an http or https address, such as https://gateway.example.com.");
        return null;
    }

    private static string? Engine(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == JoinWishes.BuiltIn || HttpAddress(text) is not null)
        {
            return text;
        }

        result.AddError($"{Name(result)} must be an http or https address, such as http://127.0.0.1:8080, or {JoinWishes.BuiltIn}.");
        return null;
    }

    private static Uri? HttpAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "", Query: "" } ? address : null;

    private static int? Slots(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, out var slots) && slots is >= 1 and <= NodeOptions.MostSlots)
        {
            return slots;
        }

        result.AddError($"{Name(result)} must be from 1 to {NodeOptions.MostSlots}.");
        return null;
    }

    private static string Name(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
