using System.Text;
using GgufConcepts.Hosting.Isolation;

namespace GgufConcepts.Hosting.Tests.Isolation;

/// <summary>What comes on the pipe between a host and a model's process is a frame, or is refused.</summary>
public sealed class FrameStreamTests
{
    public static TheoryData<string, string> Nonsense { get; } = new()
    {
        { "48656C6C6F2C20776F726C640A", "begins no frame" },     // "Hello, world": a program that prints
        { "FFFFFFFF0101000000", "begins no frame" },             // a length of -1
        { "010000040101000000", "begins no frame" },             // a length of 64 MiB and 1
        { "00000000FF01000000", "begins no frame" },             // a kind that does not exist
        { "000000000000000000", "begins no frame" },             // the kind 0
        { "0000000001FFFFFFFF", "begins no frame" },             // request -1
    };

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using MemoryStream pipe = new();
        FrameStream.Write(pipe, new Frame(FrameKind.Think, 7, Encoding.UTF8.GetBytes("{}")));
        FrameStream.Write(pipe, new Frame(FrameKind.Alive, 0, default));
        Assert.Equal("02000000" + "02" + "07000000" + "7B7D" + "00000000" + "22" + "00000000", Convert.ToHexString(pipe.ToArray()));

        pipe.Position = 0;
        Frame first = FrameStream.Read(pipe)!.Value;
        Assert.Equal((FrameKind.Think, 7, "{}"), (first.Kind, first.Id, Encoding.UTF8.GetString(first.Body.Span)));
        Frame second = FrameStream.Read(pipe)!.Value;
        Assert.Equal((FrameKind.Alive, 0, 0), (second.Kind, second.Id, second.Body.Length));
        Assert.Null(FrameStream.Read(pipe));
    }

    [Theory, MemberData(nameof(Nonsense))]
    public void Read_NoFrame_IsRefused(string hex, string reason)
    {
        using MemoryStream pipe = new(Convert.FromHexString(hex));
        InvalidDataException problem = Assert.Throws<InvalidDataException>(() => FrameStream.Read(pipe));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("48656C6C6F", "ends after 5 bytes")]
    [InlineData("0400000001010000006162", "of 4 bytes ends too soon")]
    public void Read_CutShort_IsTheEnd(string hex, string reason)
    {
        using MemoryStream pipe = new(Convert.FromHexString(hex));
        EndOfStreamException problem = Assert.Throws<EndOfStreamException>(() => FrameStream.Read(pipe));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a profiler, loaded before the program\n")]
    [InlineData("\0frames of \0\0frames of ggufconcept\0")] // nearly
    public void SkipToBeginning_WhateverWasPrintedBefore_IsPassedOver(string printed)
    {
        using MemoryStream pipe = new();
        pipe.Write(Encoding.UTF8.GetBytes(printed));
        FrameStream.Begin(pipe);
        FrameStream.Write(pipe, new Frame(FrameKind.Alive, 0, default));
        pipe.Position = 0;
        FrameStream.SkipToBeginning(pipe);
        Assert.Equal(FrameKind.Alive, FrameStream.Read(pipe)?.Kind);
    }

    [Fact]
    public void SkipToBeginning_NoFrames_SaysSo()
    {
        using MemoryStream nothing = new(Encoding.UTF8.GetBytes("usage: program"));
        Assert.Throws<EndOfStreamException>(() => FrameStream.SkipToBeginning(nothing));
        using MemoryStream much = new(new byte[2 << 20]);
        Assert.Throws<InvalidDataException>(() => FrameStream.SkipToBeginning(much));
    }

    [Fact]
    public void Write_TooLong_IsRefused()
    {
        Frame frame = new(FrameKind.Read, 1, new byte[FrameStream.MostBytes + 1]);
        Assert.Contains("67108865", Assert.Throws<ConceptInputException>(() => FrameStream.Write(Stream.Null, frame)).Message, StringComparison.Ordinal);
    }
}
