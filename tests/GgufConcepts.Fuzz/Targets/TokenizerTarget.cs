using System.Runtime.InteropServices;
using System.Text;
using GgufConcepts.Fuzz.Engine;
using GgufConcepts.Models;
using GgufConcepts.Testing;

namespace GgufConcepts.Fuzz.Targets;

/// <summary>Texts to tokens and tokens to texts, by llama.cpp in this process: what it does not survive, the process does
/// not.</summary>
/// <remarks>The input's first byte chooses the vocabulary, the second how the rest is read: as UTF-8 or UTF-16, with markers
/// or without, as ids.</remarks>
internal sealed class TokenizerTarget : FuzzTarget
{
    private const int Utf16 = 1, Markers = 2, AnyIds = 4; // bits of the second byte
    private const int Exact = 1; // the vocabulary that gives texts back as they were: bytes, and no spaces tidied up
    private static readonly ModelOptions s_options = new() { GpuLayers = 0, Threads = 1 };

    private readonly ConceptModel[] _models =
    [
        ConceptModel.Load(CommittedModels.Path("atlas.gguf"), s_options),
        ConceptModel.Load(TinyModels.Path(TinyArchitecture.Qwen2), s_options),
        .. OtherVocabularies.Paths.Select(path => ConceptModel.Load(path, s_options)),
    ];

    public override string Name => "tokenizer";

    /// <summary>No more: a longer text starts a thread with a deep stack for each of its calls. Such texts have tests of
    /// their own, <c>LongTextTests</c>.</summary>
    public override int MaxLength => 1 << 11;

    public override IReadOnlyList<string> Words { get; } =
    [
        "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>", "<unk>", "<0x41>", "\u2581", " ", "\n", "\r\n", "\0", "\t\t\t\t",
        " the", "é", "e\u0301", "漢字", "\u200d", "👩‍👩‍👧", "\ufffd", "\u202e", "'s", "123456789", "\ud7ff", "[UNK]", "##ing",
    ];

    public override IEnumerable<byte[]> MakeSeeds()
    {
        for (byte model = 0; model < _models.Length; model++)
        {
            foreach (string text in (string[])["", "The capital of France is", "<|im_start|>user\nHé 漢 👩‍👩‍👧 123<|im_end|>", "\0 \t\r\n", new string(' ', 64)])
            {
                yield return [model, Markers, .. Bytes(text)];
                yield return [model, Utf16, .. Encoding.Unicode.GetBytes(text)];
            }

            yield return [model, AnyIds, .. MemoryMarshal.AsBytes<int>([0, 1, 2, 258, -1, int.MaxValue])];
        }
    }

    public override void Run(byte[] input)
    {
        if (input.Length < 2)
        {
            return;
        }

        int number = input[0] % _models.Length;
        Tokenizer tokenizer = _models[number].Tokenizer;
        bool markers = (input[1] & Markers) != 0;
        ReadOnlySpan<byte> rest = input.AsSpan(2);
        if ((input[1] & AnyIds) != 0)
        {
            Decode(tokenizer, [.. MemoryMarshal.Cast<byte, int>(rest[..(rest.Length & ~3)])], markers);
            return;
        }

        string text = ((input[1] & Utf16) != 0 ? Encoding.Unicode : Encoding.UTF8).GetString(rest);
        if ((input[1] & Utf16) != 0)
        {
            text = new string(MemoryMarshal.Cast<byte, char>(rest[..(rest.Length & ~1)])); // half characters too
        }

        int[] prompt = tokenizer.EncodePrompt(text, markers);
        int[] within = tokenizer.EncodeContinuation(text, markers);
        Promise(prompt.Concat(within).All(id => id >= 0 && id < tokenizer.Count), "A text has a token that does not exist.");
        tokenizer.Decode(prompt, markers);
        string back = tokenizer.Decode(within, markers: true);
        if (number == Exact && IsWhole(text))
        {
            Promise(back == text, "A text changes when it is cut into tokens and joined.");
        }

        int marker = tokenizer.FindMarker(text);
        Promise(marker == -1 || tokenizer.Text(marker) == text, "A marker has another text.");
    }

    public override void Dispose()
    {
        foreach (ConceptModel model in _models)
        {
            model.Dispose();
        }

        base.Dispose();
    }

    private static void Decode(Tokenizer tokenizer, int[] ids, bool markers)
    {
        bool isKnown = ids.All(id => id >= 0 && id < tokenizer.Count);
        try
        {
            tokenizer.Decode(ids, markers);
            Promise(isKnown, "Tokens that do not exist have a text.");
        }
        catch (ArgumentOutOfRangeException) when (!isKnown)
        {
            // as it says
        }

        foreach (int id in ids)
        {
            try
            {
                _ = (tokenizer.Text(id), tokenizer.Bytes(id), tokenizer.IsControl(id), tokenizer.IsEndOfText(id));
            }
            catch (ArgumentOutOfRangeException) when (id < 0 || id >= tokenizer.Count)
            {
                // as it says
            }
        }
    }

    private static bool IsWhole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
