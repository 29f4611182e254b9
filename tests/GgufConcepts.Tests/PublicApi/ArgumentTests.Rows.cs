using System.Text;
using GgufConcepts.Batches;
using GgufConcepts.Benchmarking;
using GgufConcepts.Decoding;
using GgufConcepts.Evaluation;
using GgufConcepts.Evaluation.Questions;
using GgufConcepts.Gguf;
using GgufConcepts.Mixing;
using GgufConcepts.Models;
using GgufConcepts.Native;
using GgufConcepts.Reading;
using GgufConcepts.Strategies;
using GgufConcepts.Testing;
using GgufConcepts.Thinking;
using GgufConcepts.Tracing;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>The table.</summary>
public sealed partial class ArgumentTests
{
    private const GgmlType NoType = (GgmlType)999;
    private const float Nan = float.NaN;

    private static readonly float[] s_logits = [1, 2, 3, 4];
    private static readonly int[] s_badIds = [-1, int.MinValue, int.MaxValue];

    /// <summary>Parameters of which no value is wrong, or that others test, each with the reason.</summary>
    private static readonly Dictionary<string, string> s_exempt = new()
    {
        ["BatchJob.Read(json)"] = "BatchJobTests: a text from outside, whose problems are ConceptInputExceptions",
        ["BatchResult.Read(line)"] = "a line from outside, as above",
        ["CheckedDecoder.Feed(outputs)"] = "DecoderContract, on every backend",
        ["CheckedDecoder.Feed(sequence)"] = "DecoderContract",
        ["CheckedDecoder.Feed(tokens)"] = "DecoderContract",
        ["CheckedDecoder.Feed(vectors)"] = "DecoderContract",
        ["CheckedDecoder.Fork(from)"] = "DecoderContract",
        ["CheckedDecoder.Fork(to)"] = "DecoderContract",
        ["CheckedDecoder.Hidden(output)"] = "DecoderContract",
        ["CheckedDecoder.Logits(output)"] = "DecoderContract",
        ["CheckedDecoder.Position(sequence)"] = "DecoderContract",
        ["CheckedDecoder.Step(outputs)"] = "DecoderContract",
        ["CheckedDecoder.Step(sequences)"] = "DecoderContract",
        ["CheckedDecoder.Step(tokens)"] = "DecoderContract",
        ["CheckedDecoder.Step(vectors)"] = "DecoderContract",
        ["CheckedDecoder.TryRewind(position)"] = "DecoderContract",
        ["CheckedDecoder.TryRewind(sequence)"] = "DecoderContract",
        ["ConceptMixer.Sample(drawn)"] = "as many as it is long",
        ["ConceptSession.Generate(seed)"] = "every seed is one",
        ["ConceptSession.ReadClosely(seed)"] = "every seed is one",
        ["EvalMarkdown.PValue(p)"] = "written as it is",
        ["GgufWriter.AddArray(values)"] = "any number of any numbers",
        ["InputEmbeddings.Scaled(vector)"] = "number by number, whatever they are",
        ["LensPositions.Contains(position)"] = "a question, answered with no",
        ["LensPositions.Contains(promptLength)"] = "a question, answered with no",
        ["OtherThoughts.Think(count)"] = "brought into range: as many as there are",
        ["RandomStream.ctor(seed)"] = "every seed is one",
        ["ReaderSelfTest.Run(seed)"] = "every seed is one",
        ["StepInput.ctor(hidden)"] = "carries what the decoder gave",
        ["StepInput.ctor(logits)"] = "carries what the decoder gave",
        ["StrategySettings.Number(standard)"] = "a default, checked by the strategy's own rules",
        ["StrategySettings.WholeNumber(standard)"] = "a default, checked by the strategy's own rules",
        ["SyntheticModel.Write(seed)"] = "every seed is one",
        ["TraceChunk.Of(firstStep)"] = "makes a record, which holds what it is given",
        ["TraceChunk.Of(stepCount)"] = "makes a record, which holds what it is given",
        ["TraceFile.Finish(unfinished)"] = "written by its name, or number",
        ["TraceRecorder.Build(unfinished)"] = "written by its name, or number",
        ["TraceRecorder.ctor(seed)"] = "every seed is one",
    };

    private static readonly Row[] s_rows =
    [
        .. Ids("Tokenizer.Text(id)", (model, id) => model.Tokenizer.Text(id)),
        .. Ids("Tokenizer.Bytes(id)", (model, id) => model.Tokenizer.Bytes(id)),
        .. Ids("Tokenizer.IsControl(id)", (model, id) => model.Tokenizer.IsControl(id)),
        .. Ids("Tokenizer.IsEndOfText(id)", (model, id) => model.Tokenizer.IsEndOfText(id)),
        .. Ids("Tokenizer.Decode(ids)", (model, id) => model.Tokenizer.Decode([1, id])),
        .. Ids("TextAssembler.Add(id)", (model, id) => new TextAssembler(model.Tokenizer).Add(id)),
        .. Ids("EmbeddingTable.CopyRow(id)", (model, id) => model.Embeddings.CopyRow(id, new float[model.Embeddings.Width])),
        new("EmbeddingTable.CopyRow(destination)", "short", model => model.Embeddings.CopyRow(0, new float[1])),
        .. Ids("InputEmbeddings.Row(id)", (model, id) => Inputs(model).Row(id, new float[model.Embeddings.Width])),
        .. Ids("InputEmbeddings.Rows(ids)", (model, id) => Inputs(model).Rows([1, id])),
        .. Ids("InputEmbeddings.Mix(ids)", (model, id) => Inputs(model).Mix([1, id], [1, 1], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(ids)", "257 of them", model =>
            Inputs(model).Mix(new int[257], new float[257], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(weights)", "none", model => Inputs(model).Mix([], [], new float[model.Embeddings.Width])),
        new("InputEmbeddings.Mix(weights)", "fewer than ids", model => Inputs(model).Mix([1, 2], [1], new float[model.Embeddings.Width])),
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
        .. Numbers("InputEmbeddings.ctor(scale)", [0, -1, Nan, float.PositiveInfinity], (model, scale) =>
            new InputEmbeddings(model.Embeddings, scale)),

        .. Wholes("ConceptModel.CreateBatch(size)", [0, -1, int.MaxValue], (model, size) => model.CreateBatch(size), "thoughts at once"),
        .. Wholes("ConceptModel.CreateBatch(rows)", [0, -1, int.MaxValue], (model, rows) => model.CreateBatch(1, rows), "rows"),
        .. Wholes("ConceptSession.Generate(maxTokens)", [0, -1], (model, most) =>
            InSession(model, session => session.Generate("a", new TokenDecoding(), most).Count()), "token limit"),
        .. Wholes("ConceptSession.ListNext(count)", [0, -1, 257], (model, count) =>
            InSession(model, session => session.ListNext("a", 1, count)), "MaxTopK"),
        .. Numbers("ConceptSession.ListNext(temperature)", [0, -1, Nan, float.PositiveInfinity], (model, temperature) =>
            InSession(model, session => session.ListNext("a", temperature, 1)), "Temperature"),
        new("ConceptSession.Read(vectors)", "none", model => InSession(model, session => session.Read([]))),
        new("ConceptSession.Read(vectors)", "half of one", model => InSession(model, session => session.Read([1, 2, 3]))),
        new("ConceptSession.Read(vectors)", "NaN", model =>
            InSession(model, session => session.Read(Enumerable.Repeat(Nan, model.Embeddings.Width).ToArray()))),
        new("ConceptSession.ReadClosely(vectors)", "infinity", model => InSession(model, session =>
            session.ReadClosely(Enumerable.Repeat(float.PositiveInfinity, model.Embeddings.Width).ToArray()))),
        new("ConceptSession.ReadClosely(vectors)", "more than fit", model => InSession(model, session =>
            session.ReadClosely(new float[1000 * model.Embeddings.Width])), "vectors are too many"),
        new("ReadOptions.Other", "no vectors", model => InSession(model, session => session.ReadClosely(
            new float[model.Embeddings.Width],
            new ReadOptions { Controls = true, Other = new OtherThought("nowhere", default) })), "other thought"),
        new("ConceptBatch.Think(thoughts)", "a null among them", model =>
        {
            using ConceptBatch batch = model.CreateBatch(1);
            _ = batch.Think([new BatchThought("a"), null!]).Count();
        }),
        new("ChatOptions.History", "null", model => Chat(model, null!), "history"),
        new("ChatOptions.History", "a null among them", model => Chat(model, [null!]), "history"),
        new("ChatOptions.History", "a message of null", model => Chat(model, [new ChatTurn(ChatRole.User, null!)]), "history"),
        new("ChatOptions.History", "no such role", model => Chat(model, [new ChatTurn((ChatRole)99, "a")]), "history"),
        .. Wholes("BatchThought.Samples(count)", [0, -1], (_, count) => BatchThought.Samples("a", count)),
        .. Wholes("Translation.Translate(maxTokens)", [0, -1], (model, most) =>
            InSession(model, session => Translation.Translate(session, "a", "b", "c", most)), "token limit"),

        .. Wholes("ModelOptions.ContextLength", [15, 0, -1, int.MaxValue], (model, context) =>
            Load(model, new ModelOptions { ContextLength = context }), "context"),
        .. Wholes("ModelOptions.GpuLayers", [-1], (model, layers) => Load(model, new ModelOptions { GpuLayers = layers }), "GPU layers"),
        .. Wholes("ModelOptions.Threads", [0, -1, 513], (model, threads) => Load(model, new ModelOptions { Threads = threads }), "Threads"),
        .. Wholes("ModelOptions.SplitMode", [-1, 99], (model, mode) =>
            Load(model, new ModelOptions { SplitMode = (LlamaSplitMode)mode }), "split mode"),
        new("ModelOptions.Devices", "null", model => Load(model, new ModelOptions { Devices = null! }), "device"),
        new("ModelOptions.Devices", "a null among them", model => Load(model, new ModelOptions { Devices = [null!] }), "device"),
        new("ModelOptions.Devices", "no such card", model => Load(model, new ModelOptions { Devices = ["Nowhere9"] }), "Nowhere9"),
        .. Paths("ConceptModel.Load(model)", path => ConceptModel.Load(path)),
        .. Paths("GgufModelFile.Open(path)", path => GgufModelFile.Open(path)),

        new("ConceptMixer.ArgMax(logits)", "short", _ => Mixer().ArgMax([1])),
        new("ConceptMixer.Mix(logits)", "short", _ => Mixer().Mix([1], new MixOptions(), new ConceptToken())),
        new("ConceptMixer.Mix(options)", "null", _ => Mixer().Mix(s_logits, null!, new ConceptToken())),
        new("ConceptMixer.Mix(options)", "out of range", _ =>
            Mixer().Mix(s_logits, new MixOptions { TopP = Nan }, new ConceptToken())),
        new("ConceptMixer.Mix(result)", "null", _ => Mixer().Mix(s_logits, new MixOptions(), null!)),
        new("ConceptMixer.Distribute(logits)", "short", _ => Mixer().Distribute([1], 1, new float[4])),
        .. Numbers("ConceptMixer.Distribute(temperature)", [0, -1, Nan, float.PositiveInfinity], (_, temperature) =>
            Mixer().Distribute(s_logits, temperature, new float[4])),
        new("ConceptMixer.Distribute(probabilities)", "short", _ => Mixer().Distribute(s_logits, 1, new float[3])),
        new("ConceptMixer.Distribute(probabilities)", "the logits", _ =>
        {
            float[] logits = [.. s_logits];
            Mixer().Distribute(logits, 1, logits);
        }),
        new("ConceptMixer.LogProbability(logits)", "short", _ => Mixer().LogProbability([1], 0)),
        .. Ids("ConceptMixer.LogProbability(id)", (_, id) => Mixer().LogProbability(s_logits, id)),
        .. Numbers("ConceptMixer.MixDirichlet(concentration)", [0, -1, Nan, float.PositiveInfinity], (_, concentration) =>
            Drawn((ref random) => Mixer().MixDirichlet(s_logits, new MixOptions(), concentration, ref random, new ConceptToken()))),
        new("ConceptMixer.MixDirichlet(logits)", "short", _ => Drawn((ref random) =>
            Mixer().MixDirichlet([1], new MixOptions(), 1, ref random, new ConceptToken()))),
        new("ConceptMixer.MixDirichlet(options)", "null", _ => Drawn((ref random) =>
            Mixer().MixDirichlet(s_logits, null!, 1, ref random, new ConceptToken()))),
        new("ConceptMixer.MixDirichlet(result)", "null", _ => Drawn((ref random) =>
            Mixer().MixDirichlet(s_logits, new MixOptions(), 1, ref random, null!))),
        new("ConceptMixer.Sample(logits)", "short", _ => Drawn((ref random) =>
            Mixer().Sample([1], new MixOptions(), ref random, new ConceptToken()))),
        new("ConceptMixer.Sample(options)", "null", _ => Drawn((ref random) =>
            Mixer().Sample(s_logits, null!, ref random, new ConceptToken()))),
        new("ConceptMixer.Sample(result)", "null", _ => Drawn((ref random) =>
            Mixer().Sample(s_logits, new MixOptions(), ref random, null!))),
        .. Wholes("ConceptToken.SetToken(id)", [-1], (_, id) => new ConceptToken().SetToken(id)),
        .. Wholes("ConceptToken.Set(ids)", [-1], (_, id) => new ConceptToken().Set([1, id], [1, 1])),
        new("ConceptToken.Set(weights)", "none", _ => new ConceptToken().Set([], [])),
        new("ConceptToken.Set(weights)", "fewer", _ => new ConceptToken().Set([1, 2], [1])),
        new("ConceptToken.Set(weights)", "257", _ => new ConceptToken().Set(new int[257], new float[257])),
        new("ConceptToken.Set(weights)", "NaN", _ => new ConceptToken().Set([1, 2], [1, Nan])),
        new("ConceptToken.Set(weights)", "negative", _ => new ConceptToken().Set([1, 2], [1, -1])),
        new("ConceptToken.Set(weights)", "infinite", _ => new ConceptToken().Set([1], [float.PositiveInfinity])),
        new("ConceptToken.Set(weights)", "all 0", _ => new ConceptToken().Set([1], [0])),
        .. Numbers("GumbelNoise.Apply(tau)", [0, -1, Nan], (_, tau) => Drawn((ref random) =>
            GumbelNoise.Apply(OneToken(), tau, ref random))),
        new("GumbelNoise.Apply(concept)", "null", _ => Drawn((ref random) => GumbelNoise.Apply(null!, 1, ref random))),
        new("GumbelNoise.Apply(concept)", "empty", _ => Drawn((ref random) => GumbelNoise.Apply(new ConceptToken(), 1, ref random))),
        .. Numbers("RandomStream.NextLogGamma(shape)", [0, -1, Nan, float.PositiveInfinity], (_, shape) =>
            new RandomStream(1).NextLogGamma(shape)),
        .. Wholes("TokenMask.ctor(size)", [0, -1], (_, size) => new TokenMask(size)),
        .. Wholes("TokenMask.None(size)", [0, -1], (_, size) => TokenMask.None(size)),
        .. Wholes("TokenMask.ctor(ids)", [-1, 4], (_, id) => new TokenMask(4, id)),
        .. Wholes("TokenMask.Contains(id)", [-1, 4, 64, int.MinValue], (_, id) => new TokenMask(4).Contains(id)),
        new("RowBlend.Blend(weights)", "none", _ => RowBlend.Blend([], [], new float[2])),
        new("RowBlend.Blend(rows)", "short", _ => RowBlend.Blend([1, 2, 3], [1, 1], new float[2])),
        new("RowBlend.Blend(destination)", "overlaps", _ =>
        {
            float[] memory = new float[4];
            RowBlend.Blend(memory, [1, 1], memory.AsSpan(1, 2));
        }),
        new("RidgeMap.Apply(hidden)", "long", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[3], new float[2])),
        new("RidgeMap.Apply(hidden)", "short", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[1], new float[2])),
        new("RidgeMap.Apply(destination)", "long", _ => new RidgeMap(2, 2, new float[4]).Apply(new float[2], new float[3])),
        new("RidgeMap.Apply(destination)", "the state", _ =>
        {
            float[] memory = new float[2];
            new RidgeMap(2, 2, new float[4]).Apply(memory, memory);
        }),

        new("NearestTokens.Find(table)", "null", _ => NearestTokens.Find(null!, [1], 1, 1)),
        new("NearestTokens.Find(vectors)", "short", model => NearestTokens.Find(model.Embeddings, [1], 1, 1)),
        new("NearestTokens.Find(vectors)", "NaN", model =>
            NearestTokens.Find(model.Embeddings, Enumerable.Repeat(Nan, model.Embeddings.Width).ToArray(), 1, 1)),
        .. Wholes("NearestTokens.Find(vectorCount)", [0, -1], (model, count) =>
            NearestTokens.Find(model.Embeddings, new float[model.Embeddings.Width], count, 1)),
        .. Wholes("NearestTokens.Find(count)", [0, -1], (model, count) =>
            NearestTokens.Find(model.Embeddings, new float[model.Embeddings.Width], 1, count)),
        .. Wholes("GgufTensor.CopyRow(row)", [-1, int.MaxValue], (model, row) => Tensor(model).CopyRow(row, new float[Tensor(model).Width])),
        new("GgufTensor.CopyRow(destination)", "short", model => Tensor(model).CopyRow(0, new float[1])),
        .. Wholes("GgufTensor.CopyBytes(start)", [-1], (model, start) => Tensor(model).CopyBytes(start, new byte[1])),
        new("GgufTensor.CopyBytes(destination)", "past the end", model => Tensor(model).CopyBytes(long.MaxValue, new byte[1])),
        new("GgufMetadata.TryGetString(key)", "null", model => model.Metadata.TryGetString(null!, out _)),
        new("GgufMetadata.TryGetInteger(key)", "null", model => model.Metadata.TryGetInteger(null!, out int _)),
        new("GgufMetadata.TryGetFloat(key)", "null", model => model.Metadata.TryGetFloat(null!, out _)),
        new("GgufMetadata.TryGetBool(key)", "null", model => model.Metadata.TryGetBool(null!, out _)),
        new("GgufMetadata.TryGetArray(key)", "null", model => model.Metadata.TryGetArray(null!, out _)),
        new("GgufWriter.Add(key)", "null", _ => new GgufWriter().Add(null!, 1)),
        new("GgufWriter.AddArray(key)", "null", _ => new GgufWriter().AddArray(null!, [1, 2])),
        new("GgufWriter.AddArray(values)", "a null among them", _ => new GgufWriter().AddArray("a", (string[])["b", null!])),
        new("GgufWriter.AddTensor(name)", "null", _ => new GgufWriter().AddTensor(null!, GgmlType.F32, [1], new float[1])),
        new("GgufWriter.AddTensor(name)", "64 bytes", _ => new GgufWriter().AddTensor(new string('n', 64), GgmlType.F32, [1], new float[1])),
        new("GgufWriter.AddTensor(type)", "none there is", _ => new GgufWriter().AddTensor("n", NoType, [1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "none", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "five", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [1, 1, 1, 1, 1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "negative", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [-1, -1], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "a product past 2^63", _ =>
            new GgufWriter().AddTensor("n", GgmlType.F32, [long.MaxValue, long.MaxValue, 4], new float[1])),
        new("GgufWriter.AddTensor(dimensions)", "half a block", _ => new GgufWriter().AddTensor("n", GgmlType.Q8_0, [16], new float[16])),
        new("GgufWriter.AddTensor(values)", "short", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [2], new float[1])),
        new("GgufWriter.AddTensor(fill)", "null", _ => new GgufWriter().AddTensor("n", GgmlType.F32, [2], (GgufFill)null!)),
        new("GgufWriter.AddStoredTensor(name)", "null", _ => new GgufWriter().AddStoredTensor(null!, GgmlType.F32, [1], new byte[4])),
        new("GgufWriter.AddStoredTensor(type)", "none there is", _ => new GgufWriter().AddStoredTensor("n", NoType, [1], new byte[4])),
        new("GgufWriter.AddStoredTensor(dimensions)", "0", _ => new GgufWriter().AddStoredTensor("n", GgmlType.F32, [0], new byte[4])),
        new("GgufWriter.AddStoredTensor(bytes)", "short", _ => new GgufWriter().AddStoredTensor("n", GgmlType.F32, [1], new byte[3])),
        new("SyntheticModel.Write(type)", "none there is", _ => SyntheticModel.Write("no.gguf", ModelShape.All[^1], NoType), "999"),
        new("RecipeConverter.Convert(quantization)", "none there is", _ => RecipeConverter.Convert("no.json", "no.gguf", NoType)),
        new("SafetensorsFile.CopyNumbers(tensor)", "null", _ => InSafetensors((file, _) => file.CopyNumbers(null!, 0, new float[1]))),
        new("SafetensorsFile.CopyNumbers(first)", "-1", _ => InSafetensors((file, tensor) => file.CopyNumbers(tensor, -1, new float[1]))),
        new("SafetensorsFile.CopyNumbers(destination)", "long", _ =>
            InSafetensors((file, tensor) => file.CopyNumbers(tensor, 1, new float[2]))),

        .. Wholes("NextInput.ctor(vectorWidth)", [0, -1], (_, width) => new NextInput(width)),
        .. Wholes("NextInput.FeedToken(id)", [-1], (_, id) => new NextInput(4).FeedToken(id)),
        .. Wholes("NextInput.FeedConcept(chosen)", [-2], (_, chosen) => new NextInput(4).FeedConcept(chosen)),
        .. Wholes("NextInput.FeedVector(kind)", [-1, 99], (_, kind) => new NextInput(4).FeedVector((InputKind)kind)),
        new("StrategySettings.Choice(name)", "null", _ => Settings(settings => settings.Choice(null!, InputKind.Token, "a"))),
        new("StrategySettings.Choice(meaning)", "null", _ => Settings(settings => settings.Choice("a", InputKind.Token, null!))),

        .. Wholes("LlamaDecoder.Layer(layer)", [-1, 99], (model, layer) => WithLayers(model, decoder => decoder.Layer(layer))),
        .. Wholes("LlamaDecoder.Layer(output)", [-1, 1], (model, output) => WithLayers(model, decoder => decoder.Layer(0, output))),

        .. Wholes("LocalBatchRunner.ctor(parallel)", [0, -1, 1000], (model, parallel) =>
            new LocalBatchRunner(model, parallel).RunAsync([]).GetAsyncEnumerator().MoveNextAsync().AsTask().GetAwaiter().GetResult(),
            "thoughts at once"),
        .. Wholes("BatchEngine.ctor(parallel)", [0, -1, 1000], (model, parallel) => new BatchEngine(model, parallel), "thoughts at once"),
        .. Wholes("BatchInput.KeyOf(index)", [-1, 1], (_, index) => InBatch(input => input.KeyOf(index))),
        .. Wholes("BatchInput.LineOf(index)", [-1, 1], (_, index) => InBatch(input => input.LineOf(index))),
        .. Wholes("BatchInput.Read(index)", [-1, 1], (_, index) => InBatch(input => input.Read(index))),
        .. Wholes("BatchJob.Make(index)", [-1], (_, index) => BatchJob.Make(index, "atlas", "a", [], null, false)),
        new("MedianInterval.Of(values)", "none", _ => MedianInterval.Of([])),
        .. Wholes("McNemar.Exact(gained)", [-1], (_, gained) => McNemar.Exact(gained, 1)),
        .. Wholes("McNemar.Exact(lost)", [-1], (_, lost) => McNemar.Exact(1, lost)),
        .. Wholes("Wilson.Interval(right)", [-1, 3], (_, right) => Wilson.Interval(right, 2)),
        .. Wholes("Wilson.Interval(count)", [0, -1], (_, count) => Wilson.Interval(0, count)),
        .. Wholes("ReaderSelfTest.Confidence(hits)", [-1, 3], (_, hits) => ReaderSelfTest.Confidence(hits, 2)),
        .. Wholes("ReaderSelfTest.Confidence(count)", [0, -1], (_, count) => ReaderSelfTest.Confidence(0, count)),
        .. Wholes("ReaderSelfTest.Run(words)", [0, -1], (model, words) =>
            InSession(model, session => ReaderSelfTest.Run(model, session, new ReadOptions(), words, 0))),
        .. Wholes("QuestionFile.Read(kind)", [-1, 99], (_, kind) => QuestionFile.Read("no.jsonl", (QuestionKind)kind)),
        .. Wholes("QuestionOptions.FindProblems(kind)", [-1, 99], (_, kind) => new QuestionOptions().FindProblems((QuestionKind)kind)),
        .. Numbers("TraceRecorder.ctor(loadMilliseconds)", [Nan, float.PositiveInfinity], (model, milliseconds) =>
            new TraceRecorder(model.Info, "a", "soft", [], 0, milliseconds)),
        .. Wholes("TraceNeighbors.Add(count)", [0, -1], (model, count) => TraceNeighbors.Add(
            [new TraceStep { Index = 0, Position = 0, Entropy = 0, Milliseconds = 0, Kind = "token", Chosen = new TraceChosen(1, "a"), Tokens = [] }], model, count)),
    ];

    private delegate void Draw(ref RandomStream random);

    private static IEnumerable<Row> Ids(string key, Action<ConceptModel, int> call) =>
        s_badIds.Select(id => new Row(key, $"{id}", model => call(model, id)))
            .Append(new Row(key, "one past the last", model => call(model, Math.Max(model.Tokenizer.Count, model.Embeddings.RowCount))));

    private static IEnumerable<Row> Wholes(string key, int[] values, Action<ConceptModel, int> call, string? says = null) =>
        values.Select(value => new Row(key, $"{value}", model => call(model, value), says));

    private static IEnumerable<Row> Numbers(string key, float[] values, Action<ConceptModel, float> call, string? says = null) =>
        values.Select(value => new Row(key, $"{value}", model => call(model, value), says));

    private static IEnumerable<Row> Paths(string key, Action<string> call) =>
    [
        new(key, "empty", _ => call(""), ""),
        new(key, "NUL", _ => call("a\0b.gguf"), ""),
        new(key, "half a surrogate", _ => call("a\ud800.gguf"), ""),
        new(key, "5,000 characters", _ => call(new string('a', 5000) + ".gguf"), ""),
        new(key, "an empty folder", _ =>
        {
            using TempFolder folder = new();
            call(folder.Path);
        }, ""),
    ];

    private static ConceptMixer Mixer() => new(TokenMask.None(s_logits.Length));

    private static InputEmbeddings Inputs(ConceptModel model) => new(model.Embeddings, 1);

    private static GgufTensor Tensor(ConceptModel model) => model.ModelFile.Find("token_embd.weight")!;

    private static void Load(ConceptModel model, ModelOptions options) => ConceptModel.Load(model.Info.Path, options).Dispose();

    private static ConceptToken OneToken()
    {
        ConceptToken concept = new();
        concept.SetToken(1);
        return concept;
    }

    private static void Drawn(Draw draw)
    {
        RandomStream random = new(1);
        draw(ref random);
    }

    private static void InSession(ConceptModel model, Action<ConceptSession> call)
    {
        using ConceptSession session = model.CreateSession();
        call(session);
    }

    private static void Chat(ConceptModel model, IReadOnlyList<ChatTurn> history) => InSession(model, session => _ = session.Generate(
        "a", new TokenDecoding(), maxTokens: 1, chat: new ChatOptions { Template = "chatml", History = history }).Count());

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

    private static void Settings(Action<StrategySettings> call) => new StrategyDefinition("a", "b", "c", settings =>
    {
        call(settings);
        return new SoftThinking();
    }).Make(new StrategySettings("a", new Dictionary<string, string>()));

    private static void InBatch(Action<BatchInput> call)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("jobs.jsonl"), """{"prompt": "a"}""" + "\n");
        using BatchInput input = BatchInput.Open(folder.File("jobs.jsonl"), new BatchDefaults("atlas"));
        call(input);
    }

    private static void InSafetensors(Action<SafetensorsFile, SafetensorsTensor> call)
    {
        using TempFolder folder = new();
        byte[] header = Encoding.UTF8.GetBytes("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""");
        File.WriteAllBytes(folder.File("a.safetensors"), [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[8]]);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("a.safetensors"));
        call(file, file.Tensors["a"]);
    }
}
