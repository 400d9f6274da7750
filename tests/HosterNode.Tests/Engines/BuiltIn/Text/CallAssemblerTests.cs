using System.Text;
using ComputeShare.Contracts.Inference;
using ComputeShare.HosterNode.Engines.BuiltIn.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Text;

public sealed class CallAssemblerTests
{
    private static readonly (string Name, string Arguments)[] Calls =
    [
        ("look", """{"a":{"b":["}\\\"{",1]},"c":"日本🎉"}"""), ("find_it", "{}"), ("go-2", """{"x":"\\"}"""),
    ];

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public void Add_CallsCutAnywhere_ComeOutAsTheyWere(string between) => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var deltas = Run(between, new Random(seed), passed: 0);

        return AreTheCalls(deltas)
            && deltas.TrueForAll(delta => delta.TokenCount == delta.TokenIds.Count && delta.ToolCalls.All(call => !call.Arguments.Contains('\ufffd', StringComparison.Ordinal)))
            && deltas.Skip(1).Zip(deltas, (next, delta) => next.Position == delta.Position + delta.TokenCount).All(isNext => isNext);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Add_GoingOnAfterDeltasOfAnother_GivesTheRest() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var whole = Run("\n", new Random(seed), passed: 0);
        var shown = whole.Take(new Random(seed).Next(whole.Count)).ToList();

        var rest = Run("\n", new Random(seed), passed: (int)shown.Sum(delta => delta.TokenCount));

        return AreTheCalls([.. shown, .. rest]);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static bool AreTheCalls(List<Delta> deltas)
    {
        var parts = deltas.SelectMany(delta => delta.ToolCalls).GroupBy(call => call.Index).OrderBy(group => group.Key).ToArray();
        return parts.Length == Calls.Length && parts.Zip(Calls).All(pair => pair.First.First().Id == $"id-{pair.First.Key}"
            && pair.First.First().Name == pair.Second.Name
            && pair.First.Skip(1).All(part => part.Id.Length == 0 && part.Name.Length == 0)
            && string.Concat(pair.First.Select(part => part.Arguments)) == pair.Second.Arguments);
    }

    private static List<Delta> Run(string between, Random random, int passed)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Join(between, Calls.Select(call => $$"""{"name":"{{call.Name}}","arguments":{{call.Arguments}}}""")));
        var assembler = new CallAssembler(0, passed, call => $"id-{call}");
        var deltas = new List<Delta?>();
        var token = 0;
        for (var at = 0; at < bytes.Length; token++)
        {
            var length = Math.Min(random.Next(1, 7), bytes.Length - at);
            if (token < passed)
            {
                assembler.Pass(bytes.AsSpan(at, length));
            }
            else
            {
                deltas.Add(assembler.Add(token, bytes.AsSpan(at, length), null));
            }

            at += length;
        }

        deltas.Add(assembler.Complete());
        return deltas.OfType<Delta>().ToList();
    }
}
