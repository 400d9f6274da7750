namespace ComputeShare.TinyModel.Text;

/// <summary>What verses can be about, and their parts.</summary>
/// <param name="Asked">How people name it.</param>
/// <param name="First">Lines of five syllables that begin a haiku.</param>
/// <param name="Second">Lines of seven.</param>
/// <param name="Third">Lines of five that end it.</param>
/// <param name="Couplets">Two rhyming lines each.</param>
internal sealed record Subject(
    IReadOnlyList<string> Asked, List<string> First, List<string> Second, List<string> Third, List<string> Couplets)
{
    /// <summary>The subjects of verses.txt, GPUs first.</summary>
    public static IReadOnlyList<Subject> All { get; } = Read();

    private static List<Subject> Read()
    {
        var subjects = new List<Subject>();
        foreach (var line in TextFile.Lines("verses.txt"))
        {
            var (sign, text) = (line[0], line[2..]);
            if (sign == '=')
            {
                subjects.Add(new Subject([.. text.Split(" | ").Skip(1)], [], [], [], []));
                continue;
            }

            var subject = subjects[^1];
            var part = sign switch
            {
                '1' => subject.First,
                '2' => subject.Second,
                '3' => subject.Third,
                'c' => subject.Couplets,
                _ => throw new InvalidOperationException($"verses.txt has a line that begins with {sign}."),
            };
            part.Add(sign == 'c' ? text.Replace(" / ", "\n", StringComparison.Ordinal) : text);
        }

        return subjects;
    }
}
