using System.Globalization;
using System.Text.RegularExpressions;

namespace ComputeShare.TinyModel.Text;

/// <summary>Puts things into the places that a template marks as <c>&lt;city&gt;</c>; a name stands for the same thing everywhere in one conversation.</summary>
internal sealed partial class Slots(Chooser chooser)
{
    private static readonly Dictionary<string, string[]> Things = new(StringComparer.Ordinal)
    {
        ["city"] = ["Paris", "Berlin", "London", "Tokyo", "Rome", "Madrid", "Oslo", "Vienna", "Boston", "Chicago", "San Francisco", "New York", "Lisbon", "Prague", "Zurich", "Sydney", "Toronto", "Cairo", "Delhi", "Seoul", "San Francisco, CA", "Boston, MA", "Paris, France"],
        ["sky"] = ["sunny", "rainy", "cloudy", "windy", "foggy", "snowy", "clear"],
        ["person"] = ["Alice", "Bob", "Carol", "David", "Emma", "Frank", "Grace", "Henry", "Ida", "Jack", "Maria", "Noah", "Olivia", "Peter", "Sara", "Tom"],
        ["item"] = ["a lamp", "a GPU", "coffee", "a chair", "a bicycle", "bread", "a book", "an umbrella", "shoes", "a keyboard", "tea", "a piano"],
        ["query"] = ["cheap GPUs", "tea recipes", "haiku rules", "train times", "cat names", "open source models", "rain in spring", "good books", "the tallest tower", "Postgres locks"],
        ["message"] = ["I am late", "hello", "see you soon", "the build is green", "dinner is ready", "call me", "happy birthday", "we won"],
        ["language"] = ["German", "French", "Spanish", "Italian", "Japanese"],
        ["currency"] = ["EUR", "USD", "JPY", "GBP", "CHF"],
        ["day"] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "tomorrow"],
        ["color"] = ["red", "green", "blue", "yellow", "black", "white", "purple"],
        ["status"] = ["shipped", "open", "paid", "done", "waiting", "late"],
        ["unit"] = ["celsius", "fahrenheit"],
        ["title"] = ["The Quiet Sea", "Rain on Glass", "A Small Lamp", "Ten Thousand Cores", "The Long Way Home", "Winter Keys"],
        ["country"] = ["France", "Germany", "Japan", "Italy", "Norway", "Canada", "Brazil"],
        ["animal"] = ["cat", "dog", "owl", "fox", "duck", "horse"],
        ["job"] = ["teacher", "engineer", "painter", "captain", "baker", "doctor"],
    };

    private readonly Dictionary<string, string> _filled = new(StringComparer.Ordinal);

    public string Fill(string template) => Names().Replace(template, match => Of(match.Groups[1].Value));

    /// <summary>Slot names that begin with "n" and a number's size are whole numbers: <c>n2</c> has up to two digits.</summary>
    private string Of(string name)
    {
        if (!_filled.TryGetValue(name, out var thing))
        {
            var kind = name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
            thing = Things.TryGetValue(kind, out var things) ? chooser.Any(things)
                : kind == "word" ? chooser.NewWord()
                : chooser.Below((int)Math.Pow(10, name[1] - '0')).ToString(CultureInfo.InvariantCulture);
            _filled[name] = thing;
        }

        return thing;
    }

    [GeneratedRegex("<([a-z]+[0-9]*)>")]
    private static partial Regex Names();
}
