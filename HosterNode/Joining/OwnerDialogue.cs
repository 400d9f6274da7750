using System.Globalization;
using ComputeShare.Contracts;
using ComputeShare.HosterNode.Engines;
using Spectre.Console;

namespace ComputeShare.HosterNode.Joining;

/// <summary>What is said to, and asked of, the owner while the node joins.</summary>
/// <param name="isAnswered">Somebody is there to answer.</param>
/// <param name="saysYes">Whatever is offered is agreed to beforehand.</param>
internal sealed class OwnerDialogue(IAnsiConsole console, bool isAnswered, bool saysYes)
{
    public void Say(string sentence) => console.WriteLine(sentence);

    /// <exception cref="JoinException">Nobody is there.</exception>
    public string AskForKey() => isAnswered
        ? console.Prompt(new TextPrompt<string>("Your hoster key (ngh_…):").Secret())
        : throw new JoinException("--key must be a hoster's key; COMPUTESHARE_HOSTER_KEY in the environment keeps it out of the list of processes.");

    public FoundEngine Choose(IReadOnlyList<FoundEngine> found)
    {
        if (found.Count > 1 && isAnswered && !saysYes)
        {
            return console.Prompt(new SelectionPrompt<FoundEngine>().Title("Which engine?").AddChoices(found));
        }

        foreach (var other in found.Skip(1))
        {
            Say($"Also there: {other}; --engine takes it instead.");
        }

        return found[0];
    }

    public Task<T> WhileAsync<T>(string what, Func<Task<T>> work)
    {
        if (isAnswered)
        {
            return console.Status().StartAsync(Markup.Escape(what), _ => work());
        }

        Say(what);
        return work();
    }

    public void Show(NodeSettings settings, IReadOnlyList<EngineModel> models, IReadOnlyList<PriceProposal> proposals, Measurement? measurement)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape($"{settings.Id} will offer at {settings.Gateway.GetLeftPart(UriPartial.Authority)}"));
        table.AddColumn("Model").AddColumn(Right("Context")).AddColumn(Right("Input")).AddColumn(Right("Cached")).AddColumn(Right("Output")).AddColumn("Price");
        foreach (var ((price, source), model) in proposals.Zip(models))
        {
            table.AddRow(new[]
            {
                model.LocalName, model.ContextLength.ToString("N0", CultureInfo.InvariantCulture), Dollars(price.Input), Dollars(price.CachedInput), Dollars(price.Output), source,
            }.Select(Markup.Escape).ToArray());
        }

        table.Caption("dollars per million tokens");
        console.Write(table);
        Say(measurement is null
            ? string.Create(CultureInfo.InvariantCulture, $"Slots: {settings.Slots}.")
            : string.Create(CultureInfo.InvariantCulture, $"Slots: {settings.Slots}. Measured: first token after {measurement.TimeToFirstToken.TotalMilliseconds:0} ms, {measurement.TokensPerSecond:0.#} tokens/s alone, {measurement.TotalPerSecond:0.#} with {measurement.Slots} at once."));
        Say(settings.OwnerFirst ? "Your own work with the engine goes first, where the engine tells of it." : "Your own work with the engine does not go first.");
    }

    /// <exception cref="JoinException">Nobody is there to say so.</exception>
    public bool Agrees() => saysYes || (isAnswered
        ? console.Confirm("Offer this?")
        : throw new JoinException("--yes is needed where nobody can be asked."));

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static string Dollars(long nano) => ((decimal)nano / Money.NanoDollarsPerDollar).ToString("0.00#######", CultureInfo.InvariantCulture);
}
