using System.Diagnostics;
using System.Security.Cryptography;
using GgufConcepts.Models;
using GgufConcepts.Thinking;

namespace GgufConcepts.Evaluation.Questions;

/// <summary>Puts the questions of a file to a model, with every strategy. One caller; stateless between
/// calls.</summary>
public static class QuestionRun
{
    private const string NextQuestion = "nextQuestion";
    private const int Mebibyte = 1 << 20;

    /// <summary>Asks every question with every strategy before the next question is asked, so that a run that ends
    /// early has compared them on the same ones.</summary>
    /// <param name="model">The model; a session is opened on it.</param>
    /// <param name="set">The questions.</param>
    /// <param name="options">Strategies, limits, prompt, seed.</param>
    /// <param name="resultsPath">A file that results are added to as they come; what it holds already is not asked
    /// again. Null to keep none.</param>
    /// <param name="cancellation">Stops within a step; results so far are in the file.</param>
    /// <returns>All results: first those that were in the file, then each as soon as it is known.</returns>
    /// <exception cref="ConceptInputException">An option is out of range, the model cannot take vectors where a
    /// strategy feeds some, or the file holds other results.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<QuestionResult> Run(
        ConceptModel model,
        QuestionSet set,
        QuestionOptions options,
        string? resultsPath = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(options);
        if (options.FindProblems(set.Kind) is { Count: > 0 } problems)
        {
            throw new ConceptInputException(string.Join(" ", problems));
        }

        return Ask();

        IEnumerable<QuestionResult> Ask()
        {
            using ConceptSession session = model.CreateSession();
            if (options.Strategies.Any(strategy => strategy.Rule.FeedsVectors))
            {
                _ = session.Embeddings; // refused now rather than after the first answers in words
            }

            using ResultsFile? file = resultsPath is null ? null : ResultsFile.Open(resultsPath, Header(model, set, options));
            Question[] questions = [.. set.Questions.Take(options.Limit ?? int.MaxValue)];
            Dictionary<(int, string), QuestionResult> done = [];
            foreach (QuestionResult result in file?.Done ?? [])
            {
                done.TryAdd((result.Line, result.Strategy), result);
            }

            Asker asker = new(model, session, set, options);
            foreach (QuestionResult result in Known(questions, options, done))
            {
                yield return result;
            }

            foreach ((int item, Question question) in questions.Index())
            {
                foreach (EvalStrategy strategy in options.Strategies.Where(
                    strategy => !done.ContainsKey((question.Line, strategy.Label))))
                {
                    cancellation.ThrowIfCancellationRequested();
                    QuestionResult result = asker.Ask(question, item, strategy, cancellation);
                    file?.Add(result);
                    yield return result;
                }
            }
        }
    }

    private static IEnumerable<QuestionResult> Known(
        Question[] questions, QuestionOptions options, Dictionary<(int, string), QuestionResult> done) =>
        questions.SelectMany(question => options.Strategies.Select(
                strategy => done.GetValueOrDefault((question.Line, strategy.Label))))
            .OfType<QuestionResult>();

    private static ResultsHeader Header(ConceptModel model, QuestionSet set, QuestionOptions options) => new(
        ResultsHeader.Mark,
        Schema: 1,
        new ResultsModel(model.Info.Name, model.Info.Description, Fingerprint(model.Info.Path), model.Info.ContextLength),
        Path.GetFileName(set.Path),
        set.Sha256,
        set.Form.Name,
        options.Seed,
        [.. options.Strategies.Select(strategy => new ResultsStrategy(strategy.Label, options.Think(strategy, set.Form).Settings))])
    {
        PromptTemplate = options.PromptTemplate,
        AnswerPattern = set.AnswerPattern,
    };

    /// <summary>Knows a file of gigabytes again without reading it all.</summary>
    private static string Fingerprint(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] ends = new byte[2 * Mebibyte];
        int count = file.ReadAtLeast(ends.AsSpan(0, Mebibyte), Mebibyte, throwOnEndOfStream: false);
        file.Seek(Math.Max(count, file.Length - Mebibyte), SeekOrigin.Begin);
        count += file.ReadAtLeast(ends.AsSpan(count), Mebibyte, throwOnEndOfStream: false);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(file.Length));
        hash.AppendData(ends, 0, count);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Asks one question at a time.</summary>
    private sealed class Asker(ConceptModel model, ConceptSession session, QuestionSet set, QuestionOptions options)
    {
        private readonly HashSet<string> _warm = [];

        public QuestionResult Ask(Question question, int item, EvalStrategy strategy, CancellationToken cancellation)
        {
            string template = options.Template(question, set.Form);
            string prompt = PromptTemplate.Fill(template, question);
            ThinkOptions think = options.Think(strategy, set.Form) with { Seed = unchecked(options.Seed + (ulong)item) };
            Heard heard = new(model.Tokenizer, think, PromptTemplate.NextQuestion(template));
            bool fits = ChatOptions.Encode(model, prompt, think.Chat).Length < model.Info.ContextLength;
            if (fits && _warm.Add(strategy.Label))
            {
                // a first step compiles code and fills caches, which is no cost of the strategy
                _ = session.Think(prompt, think with { MaxSteps = 1, AnswerTokens = 1 }, cancellation).Count();
            }

            long begun = Stopwatch.GetTimestamp();
            foreach (ThoughtEvent happened in fits ? session.Think(prompt, think, cancellation) : [])
            {
                if (!heard.Hears(happened))
                {
                    break; // the model asks the next question itself
                }
            }

            Said said = heard.Said;
            Verdict verdict = !fits ? Verdict.Failed(AnswerFailure.PromptTooLong)
                : string.IsNullOrWhiteSpace(said.Text) ? Verdict.Failed(said.CutOff ? AnswerFailure.CutOff : AnswerFailure.Empty)
                : set.Form.Judge(question, said);
            return new QuestionResult
            {
                Line = question.Line,
                Id = question.Id,
                Strategy = strategy.Label,
                Right = verdict.IsRight,
                Answer = verdict.Answer,
                Failure = verdict.Failure,
                Wanted = question.Accepted,
                Said = said.Text,
                Steps = heard.Steps,
                AnswerTokens = heard.AnswerTokens,
                Stop = heard.Stop ?? (fits ? NextQuestion : null),
                AnswerStop = heard.AnswerStop ?? (heard.Stop is null && heard.AnswerTokens > 0 ? NextQuestion : null),
                Milliseconds = Math.Round(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 3),
            };
        }
    }
}
