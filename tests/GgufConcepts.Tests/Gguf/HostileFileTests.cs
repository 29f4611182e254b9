using System.Diagnostics;
using System.IO.Pipes;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Gguf;

/// <summary>Files that lie: each is refused with its name, the place and the reason, without much memory.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const ulong Most = ulong.MaxValue;
    private static readonly byte[] s_png = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13];

    private readonly TempFolder _folder = new();

    /// <summary>What is wrong, the file, and words of the message.</summary>
    public static TheoryData<string, byte[], string> Lies { get; } = Table();

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Lies), DisableDiscoveryEnumeration = true)]
    public void Open_Lie_IsRefusedNamingFileAndPlace(string lie, byte[] file, string expected)
    {
        string message = Refuse(file);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.True(message.Contains(", byte ", StringComparison.Ordinal)
            || message.Contains("begins with", StringComparison.Ordinal), $"{lie}: {message}");
    }

    [Fact]
    public void Open_HonestRawFile_IsTaken()
    {
        string path = Save(RawGguf.Head(1, 1).Setting("a", 1).Tensor("w", [4, 2]).Numbers(32).ToArray());
        using GgufFile file = GgufFile.Open(path);
        Assert.Equal([4L, 2L], Assert.Single(file.Tensors).Dimensions);
    }

    [Fact]
    public void Open_Version2_IsTaken()
    {
        using GgufFile file = GgufFile.Open(Save(RawGguf.Head(version: 2).ToArray()));
        Assert.Equal(2, file.Version);
    }

    /// <summary>Cut a real file anywhere: in the head at every byte of its beginning, later at many places.</summary>
    [Fact]
    public void Open_FileCutAnywhere_SaysWhatIsMissing()
    {
        byte[] whole = File.ReadAllBytes(TinyModels.Path(TinyArchitecture.Qwen2));
        IEnumerable<int> cuts = Enumerable.Range(1, 200)
            .Concat(Enumerable.Range(1, 60).Select(i => i * (whole.Length / 61)))
            .Concat([whole.Length - 40]);
        foreach (int cut in cuts)
        {
            string message = Refuse(whole[..cut]);
            if (cut >= 4)
            {
                Assert.Contains("missing", message, StringComparison.Ordinal);
                Assert.Contains("download it again", message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Open_TensorCutShort_SaysHowManyBytesOfWhich()
    {
        byte[] whole = RawGguf.OneTensor(64).Numbers(256).ToArray();
        Assert.Contains("tensor w", Refuse(whole[..^100]), StringComparison.Ordinal);
        Assert.Contains("100 bytes are missing", Refuse(whole[..^100]), StringComparison.Ordinal);
    }

    /// <summary>Any damage ends in an exception of ours or in a file that reads within its bounds.</summary>
    [Fact]
    public void Open_RandomDamage_NeverFailsOtherwise()
    {
        byte[] whole = RawGguf.Head(2, 3).Setting("a", 1).Array("t", GgufValueType.String, 2).Text("x").Text("yz")
            .Array("n", GgufValueType.Float64, 1).Write(0UL).Tensor("w", [4, 2]).Tensor("v", [32], type: 8, offset: 32)
            .Numbers(96).ToArray();
        Random random = new(11);
        int taken = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = [.. whole];
            for (int j = random.Next(1, 4); j > 0; j--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using GgufFile file = GgufFile.Open(Save(damaged));
                foreach (GgufTensor tensor in file.Tensors)
                {
                    tensor.CopyBytes(0, new byte[tensor.ByteLength]);
                }

                foreach (GgufEntry entry in file.Metadata.Entries.Where(entry => entry.Type == GgufValueType.Array))
                {
                    _ = entry.ElementType == GgufValueType.String ? entry.AsArray().Strings().Count() : 0;
                }

                taken++;
            }
            catch (GgufException)
            {
                // as it should be
            }
        }

        Assert.InRange(taken, 1, 999);
    }

    [Fact]
    public void Open_NoFile_SaysSo()
    {
        Assert.Contains("no such file", RefusePath(_folder.File("absent.gguf")), StringComparison.Ordinal);
        Assert.Contains("no such file", RefusePath(_folder.File("no/folder/absent.gguf")), StringComparison.Ordinal);
        Assert.Contains("is a folder", RefusePath(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("holds no bytes", Refuse([]), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Link_IsFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        string link = _folder.File("link.gguf");
        File.CreateSymbolicLink(link, Save(RawGguf.Head().ToArray()));
        using (GgufFile file = GgufFile.Open(link))
        {
            Assert.Equal(link, file.Path);
        }

        string broken = _folder.File("broken.gguf");
        File.CreateSymbolicLink(broken, _folder.File("absent.gguf"));
        Assert.Contains("no such file", RefusePath(broken), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PipeOrDevice_IsRefusedWithoutWaiting()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Made with mkfifo.");
        string pipe = _folder.File("pipe.gguf");
        using (Process made = Process.Start("mkfifo", [pipe]))
        {
            made.WaitForExit();
        }

        Assert.Contains("a pipe or a device", RefusePath(pipe), StringComparison.Ordinal);
        Assert.Contains("a pipe or a device", RefusePath("/dev/zero"), StringComparison.Ordinal);
        using AnonymousPipeServerStream unnamed = new(PipeDirection.In); // as /dev/stdin is
        Assert.Contains("a pipe or a device", RefusePath($"/proc/self/fd/{unnamed.SafePipeHandle.DangerousGetHandle()}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoPermission_SaysSo()
    {
        string path = Save(RawGguf.Head().ToArray());
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "This user reads everything.");
        if (!OperatingSystem.IsWindows()) // the analyzer does not know SkipWhen
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        Assert.Contains("may not read", RefusePath(path), StringComparison.Ordinal);
    }

    private static TheoryData<string, byte[], string> Table()
    {
        static RawGguf Version(uint version) => RawGguf.Head(version: version);
        static RawGguf Settings(ulong count) => RawGguf.Head(settings: count);
        static RawGguf Tensors(ulong count) => RawGguf.Head(tensors: count);
        return new()
        {
            { "a picture", s_png, "not a GGUF file: begins with \".PNG" },
            { "three letters", "GGU"u8.ToArray(), "not a GGUF file" },
            { "old ggml", RawGguf.Head(magic: "lmgg").ToArray(), "not a GGUF file: begins with \"lmgg" },
            { "version 0", Version(0).ToArray(), "version is 0" },
            { "version 1", Version(1).ToArray(), "version is 1" },
            { "version 4", Version(4).ToArray(), "version is 4" },
            { "big-endian", Version(0x03000000).ToArray(), "big-endian" },
            { "-1 tensors", Tensors(Most).ToArray(), $"claims {Most} tensors" },
            { "-1 settings", Settings(Most).ToArray(), $"claims {Most} settings" },
            { "70,000 settings", Settings(70_000).ToArray(), "the most is 16384" },
            { "more settings than bytes", Settings(2).Setting("a", 1).ToArray(), "claims 2 settings" },
            { "more tensors than bytes", Tensors(9).Tensor("w", [1]).ToArray(), "claims 9 tensors" },
            { "key of 2^64-1", Settings(1).Write(Most).Write(Most).ToArray(), $"a length of {Most} bytes" },
            { "key longer than the file", Settings(1).Write(900UL).Write(Most).ToArray(), "needs 900 bytes" },
            { "empty key", Settings(1).Setting("", 1).ToArray(), "is empty" },
            { "key with a zero", Settings(1).Setting("a\0b", 1).ToArray(), "control character" },
            { "key of no UTF-8", Settings(1).Text([0xff, 0xfe]).Write(4u).Write(1u).ToArray(), "not valid UTF-8" },
            { "key twice", Settings(2).Setting("a", 1).Setting("a", 2).ToArray(), "(a): the key is there twice" },
            { "type 13", Settings(1).Text("a").Write(13u).Write(0UL).ToArray(), "(a) is of type 13" },
            { "text of 2^63", Settings(1).Text("a").Write(8u).Write(1UL << 63).ToArray(), "a length of" },
            { "text of 17 MiB", Settings(1).Text("a").Write(8u).Write(17UL << 20).ToArray(), "the most is 16777216" },
            { "cut value", Settings(1).Text("abcdefg").Write(10u).Write(1u).ToArray(), "needs 8 bytes and 4 are left" },
            { "array of arrays", Settings(1).Array("a", GgufValueType.Array, 1).ToArray(), "array of arrays" },
            { "array of type 99", Settings(1).Array("a", (GgufValueType)99, 1).ToArray(), "type 99" },
            { "2^64-1 bytes", Settings(1).Array("a", GgufValueType.UInt8, Most).ToArray(), $"claims {Most} elements" },
            { "2^61 doubles", Settings(1).Array("a", GgufValueType.Float64, 1UL << 61).ToArray(), "the most is 3145728" },
            { "2^61 texts", Settings(1).Array("a", GgufValueType.String, 1UL << 61).ToArray(), "the most is 3145728" },
            { "2^21 texts", Settings(1).Array("a", GgufValueType.String, 1UL << 21).ToArray(), "missing" },
            { "9 bytes of 8", Settings(1).Array("a", GgufValueType.UInt8, 9).Write(1UL).ToArray(), "needs 9 bytes" },
            { "long text", Settings(1).Array("a", GgufValueType.String, 1).Write(Most).ToArray(), "a length of" },
            { "alignment 0", Settings(1).Setting("general.alignment", 0).ToArray(), "is 0; it must be a power of two" },
            { "alignment 48", Settings(1).Setting("general.alignment", 48).ToArray(), "is 48" },
            { "alignment 8", Settings(1).Setting("general.alignment", 8).ToArray(), "is 8" },
            { "alignment 2^31", Settings(1).Setting("general.alignment", 1u << 31).ToArray(), "is 2147483648" },
            { "alignment 32", Settings(1).Text("general.alignment").Write(8u).Text("32").ToArray(), "UInt32 belongs" },
            { "no dimensions", RawGguf.OneTensor().Numbers(32).ToArray(), "(w) has 0 dimensions" },
            { "5 dimensions", RawGguf.OneTensor(1, 1, 1, 1, 1).Numbers(32).ToArray(), "(w) has 5 dimensions" },
            { "dimension 0", RawGguf.OneTensor(4, 0).Numbers(32).ToArray(), "dimension 2 is 0" },
            { "dimension -1", RawGguf.OneTensor(Most).Numbers(32).ToArray(), "the shape overflows" },
            { "2^32 x 2^32", RawGguf.OneTensor(1UL << 32, 1UL << 32).Numbers(32).ToArray(), "the shape overflows" },
            { "4 x 2^63", RawGguf.OneTensor([.. Enumerable.Repeat(1UL << 62, 4)]).Numbers(32).ToArray(), "overflows" },
            { "2^62 numbers", RawGguf.OneTensor(1UL << 62).Numbers(32).ToArray(), "bytes are missing" },
            { "type 200", Tensors(1).Tensor("w", [4], type: 200).Numbers(32).ToArray(), "stored as type 200" },
            { "dropped type 4", Tensors(1).Tensor("w", [4], type: 4).Numbers(32).ToArray(), "stored as type 4" },
            { "row of 33 in Q8_0", Tensors(1).Tensor("w", [33], type: 8).Numbers(64).ToArray(), "no multiple of 32" },
            { "offset 8", Tensors(1).Tensor("w", [4], offset: 8).Numbers(64).ToArray(), "begins at 8" },
            { "offset past the end", Tensors(1).Tensor("w", [4], offset: 64).Numbers(64).ToArray(), "begins at 64" },
            { "offset 2^64-32", Tensors(1).Tensor("w", [4], offset: Most - 31).Numbers(64).ToArray(), $"begins at {Most - 31}" },
            { "name of 64", Tensors(1).Tensor(new string('w', 64), [4]).Numbers(32).ToArray(), "the most is 63" },
            { "empty name", Tensors(1).Tensor("", [4]).Numbers(32).ToArray(), "is empty" },
            { "name with escape", Tensors(1).Tensor("\e[2Jx", [4]).Numbers(32).ToArray(), "control character" },
            { "name twice", Tensors(2).Tensor("w", [4]).Tensor("w", [4]).Numbers(32).ToArray(), "name is there twice" },
        };
    }

    private string Refuse(byte[] file) => RefusePath(Save(file));

    private static string RefusePath(string path)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufException refused = Assert.Throws<GgufException>(() => GgufModelFile.Open(path).Dispose());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        return refused.Message;
    }

    private string Save(byte[] bytes)
    {
        string path = _folder.File("model.gguf");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
