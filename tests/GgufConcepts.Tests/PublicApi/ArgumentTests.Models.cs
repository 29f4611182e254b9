using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Models.</summary>
public sealed partial class ArgumentTests
{
    private static readonly Row[] s_models =
    [
        .. Ids("Tokenizer.Text(id)", (model, id) => model.Tokenizer.Text(id)),
        .. Ids("Tokenizer.Bytes(id)", (model, id) => model.Tokenizer.Bytes(id)),
        .. Ids("Tokenizer.IsControl(id)", (model, id) => model.Tokenizer.IsControl(id)),
        .. Ids("Tokenizer.IsEndOfText(id)", (model, id) => model.Tokenizer.IsEndOfText(id)),
        .. Ids("Tokenizer.Decode(ids)", (model, id) => model.Tokenizer.Decode([1, id])),
        .. Ids("TextAssembler.Add(id)", (model, id) => new TextAssembler(model.Tokenizer).Add(id)),
        .. Ids("InputEmbeddings.Row(id)", (model, id) => Inputs(model).Row(id, new float[model.Embeddings.Width])),
        .. Ids("InputEmbeddings.Rows(ids)", (model, id) => Inputs(model).Rows([1, id])),
        .. Ids("InputEmbeddings.Mix(ids)", (model, id) =>
            Inputs(model).Mix([1, id], [1, 1], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(ids)", "257 of them", model =>
            Inputs(model).Mix(new int[257], new float[257], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(weights)", "none", model => Inputs(model).Mix([], [], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(weights)", "fewer than ids", model =>
            Inputs(model).Mix([1, 2], [1], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(destination)", "short", model => Inputs(model).Mix([1], [1], new float[1])),
        new("InputEmbeddings.Mix(destination)", "overlaps the weights", model =>
        {
            float[] memory = new float[model.Embeddings.Width];
            Inputs(model).Mix([1], memory.AsSpan(..1), memory);
        }),
        new("InputEmbeddings.Row(destination)", "short", model => Inputs(model).Row(1, new float[1])),
        new("InputEmbeddings.MixAll(weights)", "more than rows", model =>
            Inputs(model).MixAll(new float[model.Embeddings.RowCount + 1], new float[model.Embeddings.Width])),
        new("InputEmbeddings.MixAll(destination)", "short", model => Inputs(model).MixAll(new float[4], new float[1])),
        new("InputEmbeddings.MixAll(destination)", "overlaps the weights", model =>
        {
            float[] memory = new float[model.Embeddings.Width];
            Inputs(model).MixAll(memory.AsSpan(..4), memory);
        }),
        new("InputEmbeddings.MeanRow(except)", "null", model => Inputs(model).MeanRow(null!)),
        new("InputEmbeddings.MeanRow(except)", "everything", model => Inputs(model).MeanRow(new TokenMask(2, 0, 1))),
        new("InputEmbeddings.MeanRow(except)", "of more tokens than rows", model =>
            Inputs(model).MeanRow(TokenMask.None(model.Embeddings.RowCount + 1))),
        .. Row.Each("InputEmbeddings.ctor(scale)", [0, -1, Nan, float.PositiveInfinity], (model, scale) =>
            new InputEmbeddings(model.Embeddings, scale)),
        .. Row.Each("ConceptModel.CreateBatch(size)", [0, -1, int.MaxValue], (model, size) =>
            model.CreateBatch(size), "thoughts at once"),
        .. Row.Each("ConceptModel.CreateBatch(rows)", [0, -1, int.MaxValue], (model, rows) =>
            model.CreateBatch(1, rows), "rows"),
        .. Row.Each("ModelOptions.ContextLength", [15, 0, -1, int.MaxValue], (model, context) =>
            Load(model, new ModelOptions { ContextLength = context }), "context"),
        .. Row.Each("ModelOptions.GpuLayers", [-1], (model, layers) =>
            Load(model, new ModelOptions { GpuLayers = layers }), "GPU layers"),
        .. Row.Each("ModelOptions.Threads", [0, -1, 513], (model, threads) =>
            Load(model, new ModelOptions { Threads = threads }), "Threads"),
        .. Row.Each("ModelOptions.SplitMode", [-1, 99], (model, mode) =>
            Load(model, new ModelOptions { SplitMode = (LlamaSplitMode)mode }), "split mode"),
        new("ModelOptions.Devices", "null", model => Load(model, new ModelOptions { Devices = null! }), "device"),
        new("ModelOptions.Devices", "a null among them", model =>
            Load(model, new ModelOptions { Devices = [null!] }), "device"),
        new("ModelOptions.Devices", "no such card", model =>
            Load(model, new ModelOptions { Devices = ["Nowhere9"] }), "Nowhere9"),
        .. Row.Paths("ConceptModel.Load(model)", (_, path) => ConceptModel.Load(path)),
        new("RidgeMap.Apply(hidden)", "long", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[3], new float[2])),
        new("RidgeMap.Apply(hidden)", "short", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[1], new float[2])),
        new("RidgeMap.Apply(destination)", "long", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[2], new float[3])),
        new("RidgeMap.Apply(destination)", "the state", _ =>
        {
            float[] memory = new float[2];
            new RidgeMap(2, 2, new float[4]).Apply(memory, memory);
        }),
        Row.None("InputEmbeddings.Scaled(vector)", "number by number, whatever they are"),
    ];

    private static InputEmbeddings Inputs(ConceptModel model) => new(model.Embeddings, 1);

    private static void Load(ConceptModel model, ModelOptions options) => ConceptModel.Load(model.Info.Path, options).Dispose();
}
