using System.Text;

namespace ComputeShare.TinyModel.Text;

/// <summary>Chance for the text: the same choices from the same seed.</summary>
internal sealed class Chooser(SeededRandom random)
{
    public int Below(int most) => random.Next(most);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>
    /// The earlier ones more often: a model that takes the likeliest words then says the first of them, and is sure of it.
    /// </summary>
    public T Early<T>(IReadOnlyList<T> from)
    {
        var place = random.NextUnit();
        return from[(int)(from.Count * place * Math.Sqrt(place))];
    }

    /// <summary>A word that nobody has seen.</summary>
    public string NewWord()
    {
        const string Starts = "b c d f g h j k l m n p r s t v w z br cl dr fl gr pl sk st tr";
        const string Vowels = "a e i o u ee oo ai";
        const string Ends = "n r s t l m k x b d ng sh";
        var word = new StringBuilder();
        for (var i = 2 + random.Next(2); i > 0; i--)
        {
            word.Append(Any(Starts.Split(' '))).Append(Any(Vowels.Split(' ')));
        }

        return word.Append(Any(Ends.Split(' '))).ToString();
    }
}
