using System.IO.Pipelines;
using System.Text;
using ComputeShare.Gateway.OpenAI;
using ComputeShare.Gateway.OpenAI.Chat;
using ComputeShare.Gateway.Streaming;

namespace ComputeShare.Gateway.Tests.OpenAI;

[Trait("Category", "Unit")]
public sealed class TextEventTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("\"quoted\" \\ \n\u2028 <tag> é 🎉")]
    [InlineData("\",\"content\":\"\"")]
    public void Write_AnyText_IsTheEventThatTheSerializerWrites(string text)
    {
        var choice = new ChunkChoice { Index = 2 };
        var chunk = new ChatCompletionUsageChunk { Id = "chatcmpl-1", Created = 5, Model = "a\"content\":\"\"b", Choices = [choice] };
        choice.Delta.Content = "";
        var ready = TextEvent.Of(chunk, OpenAIJsonContext.Default.ChatCompletionUsageChunk);
        choice.Delta.Content = text;

        var expected = Written(writer => writer.WriteEvent(chunk, OpenAIJsonContext.Default.ChatCompletionUsageChunk));

        Assert.Equal(expected, Written(writer => ready.Write(writer, text)));
    }

    private static string Written(Action<SseWriter> write)
    {
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream);
        using (var writer = new SseWriter(pipe))
        {
            write(writer);
        }

        pipe.Complete();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
