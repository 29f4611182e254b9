using System.CommandLine;
using System.CommandLine.Help;
using GgufConcepts.Cli;
using GgufConcepts.Cli.Commands;

// A RootCommand would call itself after the file it was started from, which is not what people type.
Command root = new(
    "ggufconcepts",
    """
    Lets a GGUF language model think in vectors, and reads its thoughts out in words.

    Start with:
      ggufconcepts doctor -m model.gguf         can this model think in vectors?
      ggufconcepts think "Once upon a time" -m model.gguf --trace thought.json
      ggufconcepts read thought.json -m model.gguf     that thought once more
      ggufconcepts report thought.json          that thought as a page, thought.html
      ggufconcepts think --help                 every option of a command

    Results go to standard output, progress to standard error.
    Exit codes: 0 done, 1 failed, 2 bad usage or input, 130 cancelled.
    """)
{
    new ThinkCommand(),
    new NextCommand(),
    new GenerateCommand(),
    new ReadCommand(),
    new ReportCommand(),
    new NeighborsCommand(),
    new AnalogyCommand(),
    new TranslateCommand(),
    new LensCommand(),
    new EvalCommand(),
    new BenchCommand(),
    new ModelsCommand(),
    new DoctorCommand(),
    new HelpOption { Recursive = true },
    new VersionOption(),
};

return await CommandRunner.RunAsync(root, args);
