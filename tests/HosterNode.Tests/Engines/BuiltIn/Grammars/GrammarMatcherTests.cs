using System.Text;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Grammars;

public sealed class GrammarMatcherTests
{
    private static readonly Vocabulary Vocabulary = CommittedModel.Model.Vocabulary;

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    [Fact]
    public void Allowed_AnySchemaTokensAndBudget_EndsInAValidDocument() => Prop.ForAll(Seeds, seed =>
    {
        var schema = new RandomSchemas(seed).Next();
        var grammar = new Grammar(SchemaGrammar.Of(schema));
        var random = new Random(seed);
        // From just enough to plenty.
        var budget = grammar.Root.Least + random.Next(random.Next(2) == 0 ? 8 : 300);

        var text = Write(grammar, random, budget, out var tokens);

        using var document = JsonDocument.Parse(text);
        return SchemaValidator.IsValid(document.RootElement, schema).Label($"{schema.GetRawText()} gave {text}").And(tokens <= budget);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void Allowed_AnyObject_IsParsedAndNestsNoDeeperThanParsersGo() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);

        var text = Write(new Grammar(SchemaGrammar.AnyObject()), random, 2 + random.Next(400), out _);

        using var document = JsonDocument.Parse(text);
        return document.RootElement.ValueKind == JsonValueKind.Object;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Theory]
    [InlineData("""{"type":"array","items":{"$ref":"#"}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"},"b":{"type":"array","items":{"$ref":"#"}}}}""")]
    public void Allowed_AGreedyNester_IsTurnedBackBeforeParsersGiveUp(string schema)
    {
        using var json = JsonDocument.Parse(schema);
        var matcher = new GrammarMatcher(new Grammar(SchemaGrammar.Of(json.RootElement)), Vocabulary);
        var (depth, most) = (0, 0);
        for (var left = 4000; left > 3000 && !matcher.IsOver; left--)
        {
            // Always the token that opens most.
            var token = matcher.Allowed(left).ToArray().MaxBy(token => Text(token).Sum(Opens));
            Assert.True(matcher.TryAccept(token));
            depth += Text(token).Sum(Opens);
            most = Math.Max(most, depth);
        }

        Assert.InRange(most, 20, 63);

        static int Opens(char character) => character is '[' or '{' ? 1 : character is ']' or '}' ? -1 : 0;
    }

    [Fact]
    public void Allowed_AtAnyPlace_AreThoseTokensWhoseBytesFitAndLeaveAWayToTheEnd() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var grammar = new Grammar(SchemaGrammar.Of(new RandomSchemas(seed).Next()));
        var states = new GrammarStates(grammar);
        var state = states.Start;
        for (var step = random.Next(20); step > 0 && !state.IsOver; step--)
        {
            var mask = Vocabulary.MaskOf(states, state);
            var token = mask.Tokens[random.Next(mask.Tokens.Length)];
            state = Vocabulary.Ends.Contains(token) ? state : Vocabulary.After(states, state, token);
        }

        var expected = Enumerable.Range(0, CommittedModel.Model.Tokenizer.VocabularySize)
            .Where(token => Vocabulary.Ends.Contains(token) ? state.IsAccepting : Vocabulary.After(states, state, token) != GrammarState.Dead);
        var found = Vocabulary.MaskOf(states, state);
        return found.Tokens.SequenceEqual(expected) && found.Least.All(least => least < GrammarNode.Never) && (state.IsOver || found.Tokens.Length > 0);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void Allowed_TooFewTokensForTheShortestText_GoStraightToTheEnd()
    {
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["b"]}""");
        var grammar = new Grammar(SchemaGrammar.Of(schema.RootElement));

        // {"b":""} has eight bytes.
        Assert.Equal(8, grammar.Root.Least);
        Assert.Equal("""{"b":""}""", Write(grammar, new Random(1), 8, out _));
        Assert.StartsWith("{\"b\"", Write(grammar, new Random(1), 4, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Allowed_FreeText_IsUtf8ThatEndsAtAWholeCharacter() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);

        var text = Write(Utf8Characters.AnyText, random, random.Next(1, 60), out _);

        return !text.Contains('\ufffd', StringComparison.Ordinal);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static string Text(int token) => Encoding.Latin1.GetString(CommittedModel.Model.Tokenizer.BytesOf(token));

    /// <summary>Writes a document of tokens by chance; half of the time a token that ends something, so that long ones end too.</summary>
    private static string Write(Grammar grammar, Random random, int budget, out int tokens)
    {
        var matcher = new GrammarMatcher(grammar, Vocabulary);
        var bytes = new List<byte>();
        for (tokens = 0; tokens < budget && !matcher.IsOver; tokens++)
        {
            var allowed = matcher.Allowed(budget - tokens).ToArray();
            var closing = random.Next(2) == 0 ? Array.FindAll(allowed, token => Text(token) is "\"" or "}" or "]" or "," or ":") : [];
            var from = closing.Length > 0 ? closing : allowed;
            var token = from[random.Next(from.Length)];
            if (Vocabulary.Ends.Contains(token))
            {
                break;
            }

            Assert.True(matcher.TryAccept(token));
            bytes.AddRange(CommittedModel.Model.Tokenizer.BytesOf(token));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
