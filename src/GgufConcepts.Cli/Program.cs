using System.CommandLine;
using System.CommandLine.Help;
using GgufConcepts.Cli;
using GgufConcepts.Cli.Commands;
using GgufConcepts.Hosting;

ModelWorker.RunIfAsked();

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
    Exit codes: 0 done, 1 failed, 2 bad usage or input, 130 cancelled; serve and worker end with 0 when they are told to stop.
    """)
{
    new HelpOption { Recursive = true },
    new VersionOption(),
};

(string Name, Func<Command> Make)[] commands =
[
    ("think", () => new ThinkCommand()),
    ("next", () => new NextCommand()),
    ("generate", () => new GenerateCommand()),
    ("read", () => new ReadCommand()),
    ("report", () => new ReportCommand()),
    ("neighbors", () => new NeighborsCommand()),
    ("analogy", () => new AnalogyCommand()),
    ("translate", () => new TranslateCommand()),
    ("lens", () => new LensCommand()),
    ("eval", () => new EvalCommand()),
    ("batch", () => new BatchCommand()),
    ("worker", () => new WorkerCommand()),
    ("serve", () => new ServeCommand()),
    ("bench", () => new BenchCommand()),
    ("models", () => new ModelsCommand()),
    ("doctor", () => new DoctorCommand()),
];

// A command's options and their help take time to make: a line that begins with a command's name needs that one alone.
Func<Command>[] asked = [.. commands.Where(command => command.Name == args.FirstOrDefault()).Select(command => command.Make)];
foreach (Func<Command> make in asked is [] ? commands.Select(command => command.Make) : asked)
{
    root.Subcommands.Add(make());
}

return await CommandRunner.RunAsync(root, args);
