using GgufConcepts.Mixing;
using Row = GgufConcepts.Testing.PublicApi.WrongArgument<GgufConcepts.Models.ConceptModel>;

namespace GgufConcepts.Tests.PublicApi;

/// <summary>Of the folder Mixing.</summary>
public sealed partial class ArgumentTests
{
    private delegate void Draw(ref RandomStream random);

    private static readonly float[] s_logits = [1, 2, 3, 4];

    private static readonly Row[] s_mixing =
    [
        new("ConceptMixer.ArgMax(logits)", "short", _ => Mixer().ArgMax([1])),
        new("ConceptMixer.Mix(logits)", "short", _ => Mixer().Mix([1], new MixOptions(), new ConceptToken())),
        new("ConceptMixer.Mix(options)", "null", _ => Mixer().Mix(s_logits, null!, new ConceptToken())),
        new("ConceptMixer.Mix(options)", "out of range", _ =>
            Mixer().Mix(s_logits, new MixOptions { TopP = Nan }, new ConceptToken())),
        new("ConceptMixer.Mix(result)", "null", _ => Mixer().Mix(s_logits, new MixOptions(), null!)),
        new("ConceptMixer.Distribute(logits)", "short", _ => Mixer().Distribute([1], 1, new float[4])),
        .. Row.Each("ConceptMixer.Distribute(temperature)", [0, -1, Nan, float.PositiveInfinity], (_, temperature) =>
            Mixer().Distribute(s_logits, temperature, new float[4])),
        new("ConceptMixer.Distribute(probabilities)", "short", _ => Mixer().Distribute(s_logits, 1, new float[3])),
        new("ConceptMixer.Distribute(probabilities)", "the logits", _ =>
        {
            float[] logits = [.. s_logits];
            Mixer().Distribute(logits, 1, logits);
        }),
        new("ConceptMixer.LogProbability(logits)", "short", _ => Mixer().LogProbability([1], 0)),
        .. Ids("ConceptMixer.LogProbability(id)", (_, id) => Mixer().LogProbability(s_logits, id)),
        .. Row.Each("ConceptMixer.MixDirichlet(concentration)", [0, -1, Nan, float.PositiveInfinity], (_, concentration) =>
            Drawn((ref random) =>
                Mixer().MixDirichlet(s_logits, new MixOptions(), concentration, ref random, new ConceptToken()))),
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
        .. Row.Each("ConceptToken.SetToken(id)", [-1], (_, id) => new ConceptToken().SetToken(id)),
        .. Row.Each("ConceptToken.Set(ids)", [-1], (_, id) => new ConceptToken().Set([1, id], [1, 1])),
        new("ConceptToken.Set(weights)", "none", _ => new ConceptToken().Set([], [])),
        new("ConceptToken.Set(weights)", "fewer", _ => new ConceptToken().Set([1, 2], [1])),
        new("ConceptToken.Set(weights)", "257", _ => new ConceptToken().Set(new int[257], new float[257])),
        new("ConceptToken.Set(weights)", "NaN", _ => new ConceptToken().Set([1, 2], [1, Nan])),
        new("ConceptToken.Set(weights)", "negative", _ => new ConceptToken().Set([1, 2], [1, -1])),
        new("ConceptToken.Set(weights)", "infinite", _ => new ConceptToken().Set([1], [float.PositiveInfinity])),
        new("ConceptToken.Set(weights)", "all 0", _ => new ConceptToken().Set([1], [0])),
        .. Row.Each("GumbelNoise.Apply(tau)", [0, -1, Nan], (_, tau) => Drawn((ref random) =>
            GumbelNoise.Apply(OneToken(), tau, ref random))),
        new("GumbelNoise.Apply(concept)", "null", _ => Drawn((ref random) => GumbelNoise.Apply(null!, 1, ref random))),
        new("GumbelNoise.Apply(concept)", "empty", _ =>
            Drawn((ref random) => GumbelNoise.Apply(new ConceptToken(), 1, ref random))),
        .. Row.Each("RandomStream.NextLogGamma(shape)", [0, -1, Nan, float.PositiveInfinity], (_, shape) =>
            new RandomStream(1).NextLogGamma(shape)),
        .. Row.Each("TokenMask.ctor(size)", [0, -1], (_, size) => new TokenMask(size)),
        .. Row.Each("TokenMask.None(size)", [0, -1], (_, size) => TokenMask.None(size)),
        .. Row.Each("TokenMask.ctor(ids)", [-1, 4], (_, id) => new TokenMask(4, id)),
        .. Row.Each("TokenMask.Contains(id)", [-1, 4, 64, int.MinValue], (_, id) => new TokenMask(4).Contains(id)),
        new("RowBlend.Blend(weights)", "none", _ => RowBlend.Blend([], [], new float[2])),
        new("RowBlend.Blend(rows)", "short", _ => RowBlend.Blend([1, 2, 3], [1, 1], new float[2])),
        new("RowBlend.Blend(destination)", "overlaps", _ =>
        {
            float[] memory = new float[4];
            RowBlend.Blend(memory, [1, 1], memory.AsSpan(1, 2));
        }),
        Row.None("ConceptMixer.Sample(drawn)", "as many as it is long"),
        Row.None("RandomStream.ctor(seed)", "every seed is one"),
    ];

    private static ConceptMixer Mixer() => new(TokenMask.None(s_logits.Length));

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
}
