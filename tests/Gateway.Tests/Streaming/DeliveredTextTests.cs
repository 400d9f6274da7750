using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ComputeShare.Contracts;
using ComputeShare.Contracts.Billing;
using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Authentication;
using ComputeShare.Gateway.Completions;
using ComputeShare.Gateway.Metering;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Responses;
using ComputeShare.Gateway.Streaming;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;

namespace ComputeShare.Gateway.Tests.Streaming;

/// <summary>
/// However an engine cuts text, thoughts and tool calls into frames: what a client puts together, of whichever form of answer, is what the engine
/// made, up to the first stop string.
/// </summary>
[Trait("Wire", "31")]
[Trait("Wire", "41")]
public sealed class DeliveredTextTests
{
    private static readonly Gen<string> Texts = Gen.Elements("", "a", "b", "ab", "😀", "é", "\"\n");

    private static readonly Gen<string[]> Stops = Texts.Where(stop => stop.Length > 0).ArrayOf().Select(stops => stops.Take(2).ToArray());

    private static readonly Gen<Delta> Frames =
        from text in Texts
        from thought in Gen.Elements("", "", "", "hm", "ô")
        from call in Gen.Choose(-4, 2)
        from arguments in Gen.Elements("", "{", "\"😀\"", "a", "}")
        from tokens in Gen.Choose(0, 2)
        select Frame(text, thought, call, arguments, tokens);

    private static readonly Gen<Sample> Samples =
        from frames in Frames.ArrayOf()
        from stops in Stops
        select new Sample(Begun(frames), stops);

    [Fact]
    public void Chat_StreamedOrWhole_IsWhatTheEngineMade() => ForAll(Operation.Chat, (expected, body) => Chat(body) == expected);

    [Fact]
    public void Response_Streamed_IsWhatTheEngineMade() =>
        ForAll(Operation.Response, (expected, body) => Response(body) == expected with { Reason = "" });

    private static void ForAll(Operation operation, Func<Answer, string, bool> isWhole) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(Arb.From(Samples), sample =>
        {
            var expected = Expected(sample);
            var (streamed, whole, tokens) = Run(operation, sample);
            var most = Encoding.UTF8.GetByteCount(expected.Content + expected.Thoughts + Regex.Replace(expected.Calls, "call:id[0-9]+", ""));
            return isWhole(expected, streamed) && whole == expected && tokens <= most;
        }));

    private static (string Streamed, Answer Whole, uint Tokens) Run(Operation operation, Sample sample)
    {
        using var output = new MemoryStream();
        var pipe = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        using var writer = new SseWriter(pipe);
        var events = operation.Events(Context(operation));
        var whole = new CollectedChoice();
        var choice = new ChoiceText(0, sample.Stops, null, new ToolCalls("id"));
        foreach (var frame in sample.Frames)
        {
            Deliver(choice.Push(frame));
        }

        Deliver(choice.End("stop"));
        Assert.False(choice.IsMalformed);
        events.WriteEnd(writer, [choice], openedEarly: false);
        pipe.Complete();
        var calls = whole.ToolCalls.Select(call => $"call:{call.Id}{call.Name}{call.Arguments}");
        return (Encoding.UTF8.GetString(output.ToArray()), new Answer(whole.Content, whole.Reasoning, string.Concat(calls), choice.FinishReason!), choice.Tokens);

        void Deliver(TextPiece piece)
        {
            if (!piece.IsEmpty)
            {
                events.WritePiece(writer, piece);
                whole.Add(piece);
            }
        }
    }

    private static Answer Expected(Sample sample)
    {
        var (content, thoughts) = ("", "");
        var calls = new List<string>();
        foreach (var frame in sample.Frames)
        {
            content += frame.Text;
            thoughts += frame.Reasoning;
            var ends = sample.Stops.Select(stop => (At: content.IndexOf(stop, StringComparison.Ordinal), stop.Length)).Where(found => found.At >= 0);
            if (ends.OrderBy(found => found.At + found.Length).ThenBy(found => found.At).Select(found => (int?)found.At).FirstOrDefault() is { } stop)
            {
                return new Answer(content[..stop], thoughts, string.Concat(calls), "stop");
            }

            foreach (var call in frame.ToolCalls)
            {
                if (call.Index == calls.Count)
                {
                    calls.Add($"call:{call.Id}{call.Name}");
                }

                calls[(int)call.Index] += call.Arguments;
            }
        }

        return new Answer(content, thoughts, string.Concat(calls), calls.Count > 0 ? "tool_calls" : "stop");
    }

    private static Answer Chat(string body)
    {
        var (content, thoughts, reason, roles) = ("", "", "", 0);
        var calls = new List<string>();
        foreach (var data in body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1))
        {
            using var chunk = JsonDocument.Parse(data["data: ".Length..]);
            var choice = chunk.RootElement.GetProperty("choices")[0];
            var delta = choice.GetProperty("delta");
            roles += delta.Optional("role") is null ? 0 : 1;
            content += delta.Optional("content")?.GetString();
            thoughts += delta.Optional("reasoning_content")?.GetString();
            reason = choice.Optional("finish_reason")?.GetString() ?? reason;
            if (delta.Optional("tool_calls") is { } fragments)
            {
                foreach (var call in fragments.EnumerateArray())
                {
                    var function = call.GetProperty("function");
                    if (call.Optional("id") is { } id)
                    {
                        calls.Add($"call:{id}{function.GetProperty("name")}");
                    }

                    calls[call.GetProperty("index").GetInt32()] += function.GetProperty("arguments").GetString();
                }
            }
        }

        Assert.Equal(1, roles);
        return new Answer(content, thoughts, string.Concat(calls), reason);
    }

    private static Answer Response(string body)
    {
        var items = new List<(string Kind, string Text)>();
        JsonElement last = default;
        var number = 0;
        foreach (var block in body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            last = JsonDocument.Parse(block[(block.IndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..]).RootElement;
            Assert.Equal(number++, last.GetProperty("sequence_number").GetInt32());
            switch (last.GetProperty("type").GetString())
            {
                case "response.output_item.added":
                    var item = last.GetProperty("item");
                    items.Add((item.GetProperty("type").GetString()!, $"{item.Optional("call_id")}{item.Optional("name")}"));
                    break;
                case "response.output_text.delta" or "response.reasoning_text.delta" or "response.function_call_arguments.delta":
                    var index = last.GetProperty("output_index").GetInt32();
                    items[index] = (items[index].Kind, items[index].Text + last.GetProperty("delta").GetString());
                    break;
            }
        }

        var calls = items.Where(item => item.Kind == "function_call").Select(item => "call:" + item.Text);
        Assert.Equal(items.Count, last.GetProperty("response").GetProperty("output").GetArrayLength());
        Assert.Equal("response.completed", last.GetProperty("type").GetString());
        // Responses have no finish reason: that there are calls says it.
        return new Answer(Text("message"), Text("reasoning"), string.Concat(calls), "");

        string Text(string kind) => string.Concat(items.Where(item => item.Kind == kind).Select(item => item.Text));
    }

    private static CompletionContext Context(Operation operation)
    {
        var http = new DefaultHttpContext();
        http.SetRequestId(RequestId.New(TimeProvider.System));
        var request = new CompletionRequest
        {
            Operation = operation,
            Models = ["auto"],
            WorkBody = default,
            Prompt = PromptText.OfMessages(["?"], 1),
            MayCallTools = true,
            Echo = new ResponseEcho(),
        };
        return new CompletionContext(http, new Caller("", new KeyRecord()), request, TimeProvider.System);
    }

    private static Delta Frame(string text, string thought, int call, string arguments, int tokens)
    {
        var frame = new Delta { Text = text, Reasoning = thought, TokenCount = (uint)tokens };
        if (call >= 0)
        {
            frame.ToolCalls.Add(new ToolCallDelta { Index = (uint)call, Arguments = arguments });
        }

        return frame;
    }

    // Calls begin in order, with id and name.
    private static Delta[] Begun(Delta[] frames)
    {
        var begun = 0u;
        foreach (var call in frames.SelectMany(frame => frame.ToolCalls))
        {
            if (call.Index >= begun)
            {
                call.Index = begun++;
                call.Id = $"id{call.Index}";
                call.Name = "look";
            }
        }

        return frames;
    }

    private sealed record Sample(Delta[] Frames, string[] Stops)
    {
        public override string ToString() => $"{string.Join(' ', Frames.AsEnumerable())} until {string.Join(" or ", Stops)}";
    }

    private sealed record Answer(string Content, string Thoughts, string Calls, string Reason);
}
