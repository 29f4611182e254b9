using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Gguf;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Weights in the safetensors format, as other programs write them.</summary>
internal sealed class SafetensorsTarget : FileTarget
{
    private const int MostNumbers = 1 << 16; // read at once

    private static readonly string[] s_words =
    [
        "\"F32\"", "\"F16\"", "\"BF16\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "[0,16]", "[2,2]", "[8,16]",
    ];

    private readonly string _path;

    public SafetensorsTarget() => _path = PathOf("weights.safetensors");

    public override string Name => "safetensors";

    public override IReadOnlyList<string> Words => s_words;

    public override IMutation Structure { get; } = new HeaderMutation(s_words);

    public override IEnumerable<byte[]> MakeSeeds() =>
    [
        RawSafetensors.Of(("a", [2, 2], [1, 2, 3, 4]), ("b", [1], [5])),
        RawSafetensors.Of(("a.weight", [2, 1, 2, 1], [1, float.NaN, 3, 4])),
        RawSafetensors.Of($"{{{RawSafetensors.Entry("h", "F16", "2,2", 0, 8)}}}", new byte[8]),
        RawSafetensors.Of($"{{\"__metadata__\":{{\"format\":\"pt\"}},{RawSafetensors.Entry("h", "F32", "1", 0, 4)}}}", new byte[4]),
        RawSafetensors.Of("{}", []),
    ];

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        Accepts(() =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(_path);
            foreach ((string name, SafetensorsTensor tensor) in file.Tensors)
            {
                Promise(name == tensor.Name, "A tensor is listed under another name.");
                Promise(tensor.Shape.Aggregate(1L, (all, each) => all * each) == tensor.ElementCount, "A shape is of another size.");
                float[] numbers = new float[Math.Min(tensor.ElementCount, MostNumbers)];
                file.CopyNumbers(tensor, 0, numbers);
                file.CopyNumbers(tensor, tensor.ElementCount - numbers.Length, numbers);
            }
        });
    }

    /// <summary>Changes the JSON between the length and the numbers, and the length with it.</summary>
    private sealed class HeaderMutation(IReadOnlyList<string> words) : IMutation
    {
        private readonly JsonMutation _json = new(words);

        public byte[]? Change(byte[] input, MutationSource source)
        {
            if (input.Length < sizeof(ulong) || BitConverter.ToUInt64(input) is var length && length > (ulong)(input.Length - sizeof(ulong)))
            {
                return null;
            }

            int end = sizeof(ulong) + (int)BitConverter.ToUInt64(input);
            return _json.Change(input[sizeof(ulong)..end], source) is { } header ? RawSafetensors.Of(header, input[end..]) : null;
        }
    }
}
