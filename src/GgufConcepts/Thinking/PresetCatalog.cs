using GgufConcepts.Mixing;
using GgufConcepts.Strategies;

namespace GgufConcepts.Thinking;

/// <summary>The presets by name: each paper's settings whole.</summary>
/// <remarks>Reasoning models get as many steps and tokens as their authors gave them; a smaller context ends a run
/// sooner. Where a source leaves the sampling open, it is that of Soft Thinking's control, and the summary says
/// so.</remarks>
public static class PresetCatalog
{
    private const int Long = 32_768; // tokens that reasoning models were given

    private static readonly MixOptions s_reasoning =
        new() { Temperature = 0.6f, TopK = 30, TopP = 0.95f, MinP = 0.001f };

    private static readonly TokenDecoding s_reasonedAnswer = new() { Mix = s_reasoning with { MinP = 0f } };
    private static readonly ColdStop s_off = new() { Entropy = 0 };

    /// <summary>Every preset.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        Reasoning("cot", "plain chains of thought, the control", "arXiv 2505.15778", "token:minP=0"),
        Reasoning("soft-thinking", "Soft Thinking on models of other sizes than 32B", "arXiv 2505.15778", "soft:maxTopK=10", SureFor256()),
        Reasoning("soft-thinking-r1", "Soft Thinking on DeepSeek-R1-Distill-Qwen-32B", "arXiv 2505.15778", "soft:maxTopK=15", SureFor256()),
        Reasoning("soft-thinking-qwq", "Soft Thinking on QwQ-32B", "arXiv 2505.15778", "soft:maxTopK=15", SureFor256()),
        Reasoning("soft-gumbel", "Soft Thinking with Gumbel noise", "arXiv 2508.03440", "soft:maxTopK=15,noise=gumbel,tau=0.5", SureFor256()),
        Reasoning("soft-dirichlet", "Soft Thinking with Dirichlet noise", "arXiv 2508.03440", "soft:maxTopK=15,noise=dirichlet,alpha=4", SureFor256()),
        Reasoning("swireasoning", "SwiReasoning with two switches", "arXiv 2510.05069; sampling, its code's run.py",
            "switch:topK=20,minP=0,alpha=1,beta=0.7,window=512,maxSwitches=2", answerTopK: 20),
        Reasoning("multiplex", "Multiplex Thinking, three draws; sampling as in cot", "arXiv 2601.08808", "multi:minP=0,k=3"),
        Reasoning("selar", "SeLaR; sampling as in cot", "arXiv 2604.08299", "selective:minP=0,k=3,tau=0.3,strength=1"),
        Reasoning("thinkrouter", "ThinkRouter; sampling as in cot", "arXiv 2602.11683", "router:minP=0,tau=0.9"),
        Of("moi-aime", "Mixture of Inputs over the whole generation, as for AIME on QwQ-32B",
            "arXiv 2505.14827; its code's example/aime.sh", "moi:temperature=0.8,topP=0.8,beta=1",
            new ThinkOptions { MaxSteps = Long, ColdStop = s_off, ThinkEnd = "", Reader = null, AnswerTokens = 0 }),
        Of("coconut", "six hidden states between markers, then the answer: models trained as in Coconut", "arXiv 2412.06769",
            "hidden", new ThinkOptions
            {
                MaxSteps = 6, FixedLength = true, ThinkStart = "<|start-latent|>", ThinkEnd = "<|end-latent|>", AnswerTokens = 256,
            }),
        Of("latentmas", "twenty hidden states realigned to embeddings, on models never trained for it",
            "arXiv 2511.20639; its code's README",
            "hidden:realign=true", new ThinkOptions { MaxSteps = 20, FixedLength = true, Answer = s_reasonedAnswer, AnswerTokens = Long }),
        Of("cot2", "three mixtures of all tokens, then the likeliest token: models trained as in CoT2", "arXiv 2505.23648",
            "full", new ThinkOptions { MaxSteps = 3, FixedLength = true, ThinkEnd = "", AnswerTokens = 1 }),
    ];

    /// <summary>Finds a preset.</summary>
    /// <exception cref="ConceptInputException">No preset has that name; the message lists those there are.</exception>
    public static Preset Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(preset => preset.Name == name)
            ?? throw new ConceptInputException(
                $"No preset '{BriefText.Of(name)}'; use one of {string.Join(", ", All.Select(preset => preset.Name))}.");
    }

    private static ColdStop SureFor256() => new() { Entropy = 0.01, Patience = 256 };

    /// <summary>Reasoning models share their sampling, for thought and answer.</summary>
    private static Preset Reasoning(string name, string summary, string source, string strategy, ColdStop? stop = null, int answerTopK = 30)
    {
        StrategySpec own = StrategySpec.ParseList(strategy)[0];
        StrategySpec spec = new StrategySpec(own.Name).With(
        [
            new("temperature", "0.6"), new("topK", "30"), new("topP", "0.95"), new("minP", "0.001"), .. own.Settings,
        ]);
        return Of(name, summary, source, spec.ToString(), new ThinkOptions
        {
            MaxSteps = Long,
            ColdStop = stop ?? s_off,
            Answer = new TokenDecoding { Mix = s_reasonedAnswer.Mix with { TopK = answerTopK } },
            AnswerTokens = Long,
        });
    }

    private static Preset Of(string name, string summary, string source, string strategy, ThinkOptions options)
    {
        StrategySpec spec = StrategySpec.ParseList(strategy)[0];
        return new Preset(name, summary, source, spec, options with { Strategy = StrategyCatalog.Standard.Make(spec) });
    }
}
