namespace ComputeShare.TinyModel.Text;

/// <summary>Small JSON objects that are asked for: what a constrained answer (<c>response_format</c>) is filled with.</summary>
internal sealed class JsonTalk(Chooser chooser, Phrasing phrasing)
{
    private static readonly (string Name, string Value)[] Fields =
    [
        ("name", "\"<person>\""), ("age", "<n2>"), ("city", "\"<city>\""), ("country", "\"<country>\""), ("title", "\"<title>\""), ("year", "20<n1><n10>"),
        ("color", "\"<color>\""), ("price", "<n3>"), ("day", "\"<day>\""), ("animal", "\"<animal>\""), ("job", "\"<job>\""), ("count", "<n1>"),
        ("answer", "\"<message>\""), ("ok", "true"), ("status", "\"<status>\""), ("tags", "[\"<color>\",\"<animal>\"]"), ("temperature", "<n2>"),
        ("capital", "\"<city>\""), ("language", "\"<language>\""), ("item", "\"<item>\""), ("message", "\"<message>\""), ("text", "\"<message>\""),
        ("lines", "[\"<title>\",\"<title2>\",\"<title3>\"]"), ("author", "\"<person2>\""), ("email", "\"<person>@example.com\""), ("id", "<n3>"),
        ("sentiment", "\"good\""), ("score", "<n1>"), ("event", "\"<title>\""), ("participants", "[\"<person>\",\"<person2>\"]"), ("date", "\"<day>\""), ("summary", "\"<title>\""),
        ("label", "\"good\""), ("reason", "\"<message>\""), ("steps", "[\"<message>\",\"<message2>\"]"), ("final_answer", "\"<n2>\""), ("active", "true"), ("rating", "<n1>"),
    ];

    private static readonly string[] ListedAsks =
        ["Give me a JSON object with {x}", "Answer in JSON with the keys {x}", "JSON with {x}", "Write JSON with {x}.", "Return {x} as JSON", "Make up {x}, as a JSON object"];

    private static readonly string[] OpenAsks =
        ["Answer in JSON", "Give me some JSON", "Return a JSON object", "Describe a person as JSON", "Describe a city as JSON", "Make up a person", "Give me a person", "Invent a character", "Extract the event", "Give me a book", "Describe a cat as JSON", "Write a JSON object"];

    public Exchange Next()
    {
        var slots = new Slots(chooser);
        var fields = Enumerable.Range(0, 1 + chooser.Below(4)).Select(_ => chooser.Any(Fields)).DistinctBy(field => field.Name).ToList();
        var question = chooser.Chance(70)
            ? chooser.Any(ListedAsks).Replace("{x}", string.Join(chooser.Any([", ", " and "]), fields.Select(field => field.Name)), StringComparison.Ordinal)
            : chooser.Any(OpenAsks);
        return new(phrasing.Vary(question), slots.Fill($"{{{string.Join(',', fields.Select(field => $"\"{field.Name}\":{field.Value}"))}}}"));
    }
}
