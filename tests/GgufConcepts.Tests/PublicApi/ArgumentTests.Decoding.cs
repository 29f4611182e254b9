using GgufConcepts.Decoding;
using GgufConcepts.Models;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Decoding.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_decoding =
    [
        .. Row.Each("LlamaDecoder.Layer(layer)", [-1, 99], (model, layer) =>
            WithLayers(model, decoder => decoder.Layer(layer))),
        .. Row.Each("LlamaDecoder.Layer(output)", [-1, 1], (model, output) =>
            WithLayers(model, decoder => decoder.Layer(0, output))),
        .. ((string[])
        [
            "Feed(sequence)", "Feed(tokens)", "Feed(vectors)", "Feed(outputs)", "Fork(from)", "Fork(to)", "Hidden(output)",
            "Logits(output)", "Position(sequence)", "Step(sequences)", "Step(tokens)", "Step(vectors)", "Step(outputs)",
            "TryRewind(sequence)", "TryRewind(position)",
        ]).Select(each => Row.None($"CheckedDecoder.{each}", "DecoderContract, on every backend")),
    ];

    private static void WithLayers(ConceptModel model, Action<LlamaDecoder> call)
    {
        using LlamaDecoder decoder = model.HoldLlama("a test", sequences: 1, model.Info.ContextLength, captureLayers: true);
        try
        {
            decoder.Feed(0, [1], Outputs.Logits);
            call(decoder);
        }
        finally
        {
            model.Release();
        }
    }
}
