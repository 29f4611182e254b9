using System.CommandLine;
using GgufConcepts.Evaluation;

namespace GgufConcepts.Cli.Arguments;

/// <summary><c>--markdown</c>: a table to paste into a paper or an issue.</summary>
internal sealed class MarkdownArguments
{
    private const string StandardOutput = "-";

    private readonly Option<string?> _file = new("--markdown")
    {
        Description = "Write the table as Markdown to this file; - prints it in place of the other.",
        HelpName = "FILE.md",
    };

    public MarkdownArguments(Command command) => command.Options.Add(_file);

    /// <summary>Whether it takes the place of the table for people.</summary>
    public bool Prints(ParseResult parse) => parse.GetValue(_file) == StandardOutput;

    /// <summary>Refuses a place that cannot be written, before anything runs.</summary>
    public void Check(ParseResult parse, bool json)
    {
        if (Prints(parse) && json)
        {
            throw new ConceptInputException("--json and --markdown - both print on standard output; give --markdown a file.");
        }

        if (parse.GetValue(_file) is { } path && path != StandardOutput && (path.Length == 0 || Directory.Exists(path)
            || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))))
        {
            throw new ConceptInputException($"Cannot write Markdown to '{path}': name a file in a folder that exists.");
        }
    }

    /// <summary>Writes it where it was asked for.</summary>
    public void Write(ParseResult parse, Func<string> markdown)
    {
        if (Prints(parse))
        {
            Console.Out.Write(markdown());
        }
        else if (parse.GetValue(_file) is { } path)
        {
            EvalMarkdown.Save(path, markdown());
        }
    }
}
