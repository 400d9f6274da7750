using System.Text;
using System.Text.Json;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars;
using ComputeShare.HosterNode.Engines.BuiltIn.Grammars.Json;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Grammars;

public sealed class SchemaGrammarTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["b"]}""", """{"a":1,"b":"x"}""", """{"b":""}""")]
    [InlineData("""{"type":"object"}""", """{}""", """{"x":{"y":[1,"é",null,true,-0.5]}}""")]
    [InlineData("""{"type":"object","properties":{"a":true},"additionalProperties":{"type":"integer"}}""", """{"a":"x","ab":1,"b":2}""", """{"b":2}""")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}""", """[true]""", """[true,false]""")]
    [InlineData("""{"prefixItems":[{"type":"integer"},{"type":"string"}],"items":false}""", """[1,"x"]""", """[1]""")]
    [InlineData("""{"type":["string","null"]}""", "null", "\"x\"")]
    [InlineData("""{"enum":["a b",{"k":[1]},null]}""", "\"a b\"", """{"k":[1]}""")]
    [InlineData("""{"type":"string","maxLength":3}""", "\"日本é\"", "\"\\n\"")]
    [InlineData("""{"type":"integer","minimum":-5,"maximum":120}""", "-5", "120")]
    [InlineData("""{"type":"integer","exclusiveMinimum":9}""", "10", "123456789")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0", "0.57")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-11-25T20:50:06Z\"", "\"1999-01-28T00:00:00Z\"")]
    [InlineData("""{"type":"string","pattern":"^[A-Z]{2}-\\d+$"}""", "\"AB-1\"", "\"XY-0042\"")]
    [InlineData("""{"$ref":"#/$defs/n","$defs":{"n":{"anyOf":[{"type":"null"},{"type":"array","items":{"$ref":"#/$defs/n"}}]}}}""", "[[],[null,[[]]]]", "null")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"k":{"const":"a"}},"required":["k"]},{"type":"object","properties":{"k":{"const":"b"},"v":{"type":"integer"}},"required":["k","v"]}]}""", """{"k":"a"}""", """{"k":"b","v":1}""")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/a"},{"properties":{"y":{"type":"null"}},"required":["y"]}],"$defs":{"a":{"type":"object","properties":{"x":{"type":"null"}},"required":["x"]}}}""", """{"x":null,"y":null}""", """{"x":null,"y":null}""")]
    [InlineData("""{"title":"t","x-order":3,"type":"boolean","default":true}""", "true", "false")]
    public void Of_ASchemaItFollows_TakesItsValues(string schema, string one, string other)
    {
        Assert.True(Takes(schema, one), one);
        Assert.True(Takes(schema, other), other);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""", """{}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", """{"b":1}""")]
    [InlineData("""{"type":"object","properties":{"ab":{"type":"integer"}},"additionalProperties":{"type":"string"}}""", """{"ab":"x"}""")]
    [InlineData("""{"type":"object","properties":{"é":{"type":"integer"}},"additionalProperties":{"type":"string"}}""", """{"é":"x"}""")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"maxItems":1}""", "[true,true]")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"minItems":1}""", "[]")]
    [InlineData("""{"type":"string","maxLength":2}""", "\"abc\"")]
    [InlineData("""{"type":"string"}""", "\"a\nb\"")]
    [InlineData("""{"type":"integer"}""", "01")]
    [InlineData("""{"type":"integer"}""", "1.0")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":12}""", "13")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":12}""", "2")]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0")]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0.00")]
    [InlineData("""{"enum":["a","ab"]}""", "\"b\"")]
    [InlineData("""{"type":"string","pattern":"^a+$"}""", "\"aab\"")]
    public void Of_ASchemaItFollows_RefusesOthers(string schema, string value) => Assert.False(Takes(schema, value), value);

    [Theory]
    [InlineData("""{"not":{"type":"string"}}""", "not")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "uniqueItems")]
    [InlineData("""{"type":"integer","multipleOf":2}""", "multipleOf")]
    [InlineData("""{"type":"object","patternProperties":{"^a":{}}}""", "patternProperties")]
    [InlineData("""{"type":"object","minProperties":2}""", "counts the properties")]
    [InlineData("""{"type":"string","format":"iri"}""", "format")]
    [InlineData("""{"type":"string","pattern":"(?=a)b"}""", "pattern")]
    [InlineData("""{"type":"string","pattern":"^(a)\\1$"}""", "pattern")]
    [InlineData("""{"type":"string","pattern":"^a$","maxLength":3}""", "more than one")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"string","maxLength":2}]}""", "oneOf")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "$ref")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":true},"additionalProperties":false},{"properties":{"b":true}}]}""", "joins")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"type":"string"}]}""", "contain themselves")]
    [InlineData("""{"enum":["a"],"minLength":3}""", "enum")]
    public void Of_WhatItDoesNotFollow_IsUnsupportedByName(string schema, string expected)
    {
        using var json = JsonDocument.Parse(schema);

        var error = Assert.Throws<GrammarException>(() => SchemaGrammar.Of(json.RootElement)).ToEngineException("response_format");

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(("response_format", true), (error.ToFailed().Param, error.ToFailed().Retryable));
    }

    [Theory]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"properties":[]}""")]
    [InlineData("""{"minLength":-1}""")]
    [InlineData("""{"$ref":"#/$defs/none"}""")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""")]
    [InlineData("false")]
    [InlineData("[]")]
    public void Of_WhatIsNoSchemaOrFitsNothing_IsTheRequestsFault(string schema)
    {
        using var json = JsonDocument.Parse(schema);

        var failed = Assert.Throws<GrammarException>(() => SchemaGrammar.Of(json.RootElement)).ToEngineException("tools").ToFailed();

        Assert.Equal(("tools", false), (failed.Param, failed.Retryable));
    }

    [Fact]
    public void Of_IntegerBounds_TakesExactlyThoseNumbers()
    {
        var random = new Random(5);
        for (var round = 0; round < 60; round++)
        {
            var (least, most) = (random.Next(-1200, 1200), random.Next(-1200, 1200));
            if (least > most)
            {
                continue;
            }

            var grammar = new GrammarStates(new Grammar(NumberGrammar.Integers(least, most)));
            for (var value = -1300; value <= 1300; value++)
            {
                Assert.True(Takes(grammar, $"{value}") == (value >= least && value <= most), $"{value} in {least} to {most}");
            }
        }
    }

    [Fact]
    public void Of_NumberBounds_TakesHundredthsWithinThem()
    {
        var random = new Random(6);
        for (var round = 0; round < 30; round++)
        {
            var least = random.Next(-300, 300) / 100m;
            var most = least + (random.Next(0, 500) / 100m);
            var grammar = new GrammarStates(new Grammar(NumberGrammar.Numbers(least, most)));
            for (var value = -6m; value <= 9m; value += 0.01m)
            {
                // Zero has no sign.
                Assert.True(Takes(grammar, FormattableString.Invariant($"{value:0.00}")) == (value >= least && value <= most), $"{value} in {least} to {most}");
            }
        }
    }

    [Fact]
    public void After_AlternativesThatMultiply_AreRefusedNotFollowedForEver()
    {
        var branches = string.Join(',', Enumerable.Range(1, 60).Select(length => $$$"""{"type":"array","items":{"$ref":"#/$defs/x"},"maxItems":{{{length}}} }"""));
        using var json = JsonDocument.Parse($$$"""{"$ref":"#/$defs/x","$defs":{"x":{"anyOf":[{"type":"null"},{{{branches}}}]} } }""");
        var states = new GrammarStates(new Grammar(SchemaGrammar.Of(json.RootElement)));

        Assert.Throws<GrammarException>(() => states.After(states.After(states.Start, '['), '['));
    }

    private static bool Takes(string schema, string value)
    {
        using var json = JsonDocument.Parse(schema);
        return Takes(new GrammarStates(new Grammar(SchemaGrammar.Of(json.RootElement))), value);
    }

    private static bool Takes(GrammarStates states, string value) =>
        Encoding.UTF8.GetBytes(value).Aggregate(states.Start, (state, symbol) => states.After(state, symbol)).IsAccepting;
}
