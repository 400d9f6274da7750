using System.Text;

namespace ComputeShare.TinyModel.Text;

/// <summary>Conversations in which tools are offered: some are called, and their results told; for others no tool is needed.</summary>
internal sealed class ToolTalk(Chooser chooser, Phrasing phrasing)
{
    private static readonly Tool[] Known =
    [
        new(
            ["get_weather", "get_current_weather", "weather", "getWeather", "current_weather"],
            ["Get the weather of a city", "Get the current weather in a given location", "Current weather", "Returns the weather for a place."],
            [new(["city", "location", "place"], "<city>"), new(["unit"], "<unit>", IsOptional: true)],
            ["What is the weather in <city>?", "What's the weather like in <city>?", "How is the weather in <city> today?", "Weather in <city>", "Is it raining in <city>?", "What is the weather like in <city> today?", "Do I need an umbrella in <city>?"],
            ["{\"temperature\":<n2>,\"condition\":\"<sky>\"}", "<n2> degrees, <sky>", "{\"temp\": <n2>, \"sky\": \"<sky>\"}", "<sky>, <n2> C"],
            "It is <n2> degrees and <sky> in <city>."),
        new(
            ["get_time", "get_current_time", "current_time", "clock", "time_in"],
            ["Get the current time in a city", "The local time of a place", "Returns the time"],
            [new(["city", "timezone", "location"], "<city>")],
            ["What time is it in <city>?", "Time in <city>?", "How late is it in <city>?", "What is the time in <city> now?"],
            ["{\"time\":\"1<n1>:4<n10>\"}", "1<n1>:4<n10>"],
            "It is 1<n1>:4<n10> in <city>."),
        new(
            ["add", "sum", "add_numbers", "calculator", "plus"],
            ["Add two numbers", "Adds a and b", "The sum of two numbers"],
            [new(["a", "x"], "<n2>", IsNumber: true), new(["b", "y"], "<n3>", IsNumber: true)],
            ["What is <n2> plus <n3>?", "Add <n2> and <n3>", "<n2> + <n3>", "What is <n2> + <n3>?", "Sum of <n2> and <n3>"],
            ["<n4>", "{\"result\":<n4>}", "{\"sum\": <n4>}"],
            "The answer is <n4>."),
        new(
            ["multiply", "product", "times"],
            ["Multiply two numbers", "The product of a and b"],
            [new(["a", "x", "left"], "<n2>", IsNumber: true), new(["b", "y", "right"], "<n3>", IsNumber: true)],
            ["What is <n2> times <n3>?", "Multiply <n2> by <n3>", "<n2> * <n3>", "<n2> x <n3>"],
            ["<n4>", "{\"result\":<n4>}"],
            "The answer is <n4>."),
        new(
            ["search", "web_search", "search_web", "find", "lookup"],
            ["Search the web", "Finds pages about a query", "Search for information"],
            [new(["query", "q", "text"], "<query>")],
            ["Search for <query>", "Find <query>", "Look up <query>", "Search the web for <query>", "What can you find about <query>?"],
            ["{\"results\":[\"<title>\"]}", "<title>", "1. <title>"],
            "I found this: <title>."),
        new(
            ["send_message", "send_email", "send", "notify"],
            ["Send a message to a person", "Sends a text", "Send an email"],
            [new(["to", "recipient", "name"], "<person>"), new(["text", "body", "message"], "<message>")],
            ["Tell <person> <message>", "Send <person> a message: <message>", "Write to <person>: <message>", "Message <person> that <message>"],
            ["ok", "{\"sent\":true}", "sent"],
            "Done: I told <person>."),
        new(
            ["set_timer", "start_timer", "timer"],
            ["Set a timer", "Starts a timer of some minutes"],
            [new(["minutes", "duration"], "<n2>", IsNumber: true)],
            ["Set a timer for <n2> minutes", "Timer: <n2> minutes", "Wake me in <n2> minutes", "Start a <n2> minute timer"],
            ["ok", "{\"started\":true}"],
            "The timer is set to <n2> minutes."),
        new(
            ["get_price", "price_of", "lookup_price", "get_product_price"],
            ["The price of an item", "Get the price of a product"],
            [new(["item", "product", "name"], "<item>"), new(["currency"], "<currency>", IsOptional: true)],
            ["How much is <item>?", "What does <item> cost?", "Price of <item>", "What is the price of <item>?"],
            ["{\"price\":<n3>}", "<n3>", "{\"price\": <n3>, \"stock\": 3}"],
            "The price of <item> is <n3>."),
        new(
            ["get_order", "order_status", "lookup_order", "track_order"],
            ["The state of an order", "Look up an order by its number"],
            [new(["id", "order_id", "number"], "<n5>", IsNumber: true)],
            ["Where is my order <n5>?", "What about order <n5>?", "Track order <n5>", "Is order <n5> ready?"],
            ["{\"status\":\"<status>\"}", "<status>"],
            "Order <n5> is <status>."),
        new(
            ["book_table", "reserve", "book", "make_reservation"],
            ["Book a table", "Reserve a table for a number of people"],
            [new(["day", "date"], "<day>"), new(["people", "guests"], "<n1>", IsNumber: true)],
            ["Book a table for <n1> on <day>", "A table for <n1> people <day>, please", "Reserve for <n1>, <day>"],
            ["{\"booked\":true}", "ok"],
            "Your table for <n1> is booked."),
        new(
            ["translate", "translate_text"],
            ["Translate a text", "Translates into a language"],
            [new(["text"], "<message>"), new(["language", "to", "target"], "<language>")],
            ["Translate <message> into <language>", "How do you say <message> in <language>?", "<message> in <language>, please"],
            ["<word> <word2>", "{\"translation\":\"<word> <word2>\"}"],
            "In <language>: <word> <word2>."),
        new(
            ["get_<word>", "<word>", "find_<word>", "<word>_<word2>"],
            ["Get a <word>", "Looks for <word>", "<word> by name"],
            [new(["name", "id", "key", "value"], "<word3>")],
            ["Get the <word> of <word3>", "<word> <word3>", "Use <word> for <word3>", "Call <word> with <word3>"],
            ["<word4>", "{\"result\":\"<word4>\"}", "{\"<word>\": \"<word4>\"}"],
            "The answer is <word4>."),
    ];

    public List<Turn> Next(Func<Exchange> other)
    {
        var slots = new Slots(chooser);
        var tool = chooser.Any(Known);
        var chosen = new Offer(slots);
        var offered = new List<string> { Describe(tool, chosen) };
        for (var i = chooser.Below(6) - 3; i > 0; i--)
        {
            var more = chooser.Any(Known);
            if (more != tool)
            {
                offered.Insert(chooser.Below(offered.Count + 1), Describe(more, new Offer(new Slots(chooser))));
            }
        }

        var turns = new List<Turn> { new("system", "Tools:\n" + string.Join('\n', offered)) };
        if (chooser.Chance(25))
        {
            turns.AddRange(other().Turns);
            return turns;
        }

        turns.Add(new("user", phrasing.Vary(slots.Fill(chooser.Any(tool.Asks)))));
        turns.Add(new("assistant", "", slots.Fill(chosen.Call)));
        if (chooser.Chance(75))
        {
            turns.Add(new("tool", slots.Fill(chooser.Any(tool.Results))));
            turns.Add(new("assistant", slots.Fill(tool.Answer)));
        }

        return turns;
    }

    /// <summary>The function as a request has it; the call is made with the same offer.</summary>
    private string Describe(Tool tool, Offer offer)
    {
        var name = offer.Slots.Fill(chooser.Any(tool.Names));
        var fields = tool.Fields.Where(field => !field.IsOptional || chooser.Chance(30)).Select(field => (Field: field, Name: chooser.Any(field.Names))).ToList();
        var properties = fields.Select(field => $"\"{field.Name}\":{{\"type\":\"{(field.Field.IsNumber ? chooser.Early(["number", "integer"]) : "string")}\""
            + (chooser.Chance(20) ? $",\"description\":\"The {field.Name}\"" : "") + "}");
        var text = new StringBuilder($"{{\"name\":\"{name}\"");
        if (chooser.Chance(75))
        {
            text.Append($",\"description\":\"{offer.Slots.Fill(chooser.Any(tool.Descriptions))}\"");
        }

        text.Append($",\"parameters\":{{\"type\":\"object\",\"properties\":{{{string.Join(',', properties)}}}");
        if (chooser.Chance(70))
        {
            text.Append($",\"required\":[{string.Join(',', fields.Where(field => !field.Field.IsOptional).Select(field => $"\"{field.Name}\""))}]");
        }

        text.Append(chooser.Chance(20) ? ",\"additionalProperties\":false}" : "}").Append(chooser.Chance(10) ? ",\"strict\":true}" : "}");
        var arguments = fields.Where(field => !field.Field.IsOptional).Select(field => field.Field.IsNumber ? $"\"{field.Name}\":{field.Field.Value}" : $"\"{field.Name}\":\"{field.Field.Value}\"");
        offer.Call = $"{{\"name\":\"{name}\",\"arguments\":{{{string.Join(',', arguments)}}}}}";
        return text.ToString();
    }

    private sealed class Offer(Slots slots)
    {
        public Slots Slots => slots;

        public string Call { get; set; } = "";
    }

    /// <param name="Names">One of them is the function's.</param>
    /// <param name="Descriptions">One of them describes it.</param>
    /// <param name="Fields">Its parameters.</param>
    /// <param name="Asks">What a user says who needs it.</param>
    /// <param name="Results">What it gives back.</param>
    /// <param name="Answer">What the model makes of that.</param>
    private sealed record Tool(string[] Names, string[] Descriptions, Field[] Fields, string[] Asks, string[] Results, string Answer);

    private sealed record Field(string[] Names, string Value, bool IsNumber = false, bool IsOptional = false);
}
