using System.Text;
using ComputeShare.HosterNode.Engines.BuiltIn.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ComputeShare.HosterNode.Tests.Engines.BuiltIn.Text;

public sealed class Utf8StateTests
{
    [Fact]
    public void TryAdvance_RandomBytes_AgreesWithTheFrameworksDecoder() =>
        Prop.ForAll(Gen.Elements<byte>(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5)
            .ArrayOf().ToArbitrary(), bytes =>
        {
            var accepted = default(Utf8State).TryAdvance(bytes, out var end) && end.IsWhole;
            return accepted == System.Text.Unicode.Utf8.IsValid(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void TryAdvance_EveryCharacter_IsWholeAtItsEndOnly()
    {
        Span<byte> buffer = stackalloc byte[4];
        for (var value = 0; value <= 0x10ffff; value++)
        {
            if (!Rune.TryCreate(value, out var rune))
            {
                continue;
            }

            var bytes = buffer[..rune.EncodeToUtf8(buffer)];
            Assert.True(default(Utf8State).TryAdvance(bytes, out var end) && end.IsWhole);
            Assert.True(default(Utf8State).TryAdvance(bytes[..^1], out var middle) && middle.IsWhole == (bytes.Length == 1));
        }
    }
}
