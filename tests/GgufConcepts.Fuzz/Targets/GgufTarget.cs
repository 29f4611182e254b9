using GgufConcepts.Fuzz.Mutation;
using GgufConcepts.Gguf;
using GgufConcepts.Native;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Model files: the reader, everything that an accepted file holds, the check before llama.cpp.</summary>
internal sealed class GgufTarget : FileTarget
{
    private const long MostNumbers = 1 << 20; // of one file; tensors may overlap, and hold more than the file has bytes

    private readonly string _path;

    public GgufTarget()
    {
        _path = PathOf("model-00001-of-00002.gguf");
        GgufSeeds.WritePart(PathOf("model-00002-of-00002.gguf"), number: 1); // what an input may say it belongs to
    }

    public override string Name => "gguf";

    public override int MaxLength => 1 << 15;

    public override IMutation Structure { get; } = new GgufMutation(GgufSeeds.Keys, GgufSeeds.Texts);

    public override IReadOnlyList<string> Words => GgufSeeds.Texts;

    public override IEnumerable<byte[]> MakeSeeds() => GgufSeeds.Make(PathOf("seed.gguf"));

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_path, input);
        Accepts(() =>
        {
            using GgufModelFile model = GgufModelFile.Open(_path);
            foreach (GgufEntry entry in model.Metadata.Entries)
            {
                ReadEntry(entry);
            }

            long left = MostNumbers;
            foreach (GgufTensor tensor in model.Tensors)
            {
                ReadRows(tensor, ref left);
            }

            if (Accepts(() => GgufModelCheck.Run(model)))
            {
                Accepts(() => _ = new EmbeddingTable(model).RowCount);
            }
        });
    }

    private static void ReadEntry(GgufEntry entry)
    {
        _ = entry.ToText();
        if (entry.Type == GgufValueType.Array)
        {
            ReadArray(entry.AsArray());
        }
    }

    private static void ReadArray(GgufArray array)
    {
        switch (array.ElementType)
        {
            case GgufValueType.String: _ = array.Strings().Count(); break;
            case GgufValueType.Bool: array.ToBools(); break;
            case GgufValueType.Float32 or GgufValueType.Float64: array.ToFloats(); break;
            case GgufValueType.UInt64: array.ToIntegers<ulong>(); break;
            default:
                array.ToIntegers<long>();
                Accepts(() => array.ToIntegers<byte>());
                break;
        }
    }

    private static void ReadRows(GgufTensor tensor, ref long left)
    {
        _ = tensor.ToString();
        tensor.CopyBytes(tensor.ByteLength - 1, new byte[1]); // the last
        if (!GgmlTypes.CanDequantize(tensor.Type) || tensor.Width > left)
        {
            return;
        }

        float[] row = new float[tensor.Width];
        for (long i = 0; i < tensor.RowCount && left > 0; i++)
        {
            tensor.CopyRow(i, row);
            left -= row.Length;
        }
    }
}
