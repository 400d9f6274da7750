using ComputeShare.Contracts.Inference;
using ComputeShare.Gateway.Streaming.Frames;
using ComputeShare.Gateway.Tests.Fuzzing;
using Google.Protobuf;

namespace ComputeShare.Gateway.Tests.Streaming.Frames;

[Trait("Category", "Unit")]
public sealed class FrameDecoderTests
{
    private const int Cases = 2000;

    [Fact]
    public void Decode_WhateverANodeSends_ReadsWhatTheLibraryReads()
    {
        var decoder = new FrameDecoder();
        var plain = 0;
        for (var seed = 0; seed < Cases; seed++)
        {
            foreach (var message in new HostileFrames(new Random(seed)).Next(choices: 2, inputs: 0))
            {
                var expected = WithoutIds(Read(() => Frame.Parser.ParseFrom(message)));
                var read = Read(() => decoder.Decode(message));
                plain += ReferenceEquals(read, decoder.Plain) ? 1 : 0;

                Assert.Equal(expected, WithoutIds(read));
            }
        }

        Assert.InRange(plain, Cases, int.MaxValue);
    }

    [Fact]
    public void Decode_TheSameTextAgain_MakesNoOther()
    {
        var decoder = new FrameDecoder();
        var message = new Frame { Delta = new Delta { Text = " the", TokenCount = 1 } }.ToByteArray();

        var first = decoder.Decode(message).Delta.Text;

        Assert.Same(first, decoder.Decode(message).Delta.Text);
    }

    private static Frame? Read(Func<Frame> read)
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    // The gateway has no use for them, and a plain frame leaves them out.
    private static Frame? WithoutIds(Frame? frame)
    {
        var copy = frame?.Clone();
        copy?.Delta?.TokenIds.Clear();
        return copy;
    }
}
