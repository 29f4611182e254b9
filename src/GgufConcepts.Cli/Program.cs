using System.CommandLine;
using GgufConcepts.Cli;
using GgufConcepts.Cli.Commands;

RootCommand root = new(
    """
    Lets a GGUF language model think in vectors, and reads its thoughts out in words.

    Start with:  ggufconcepts think "The capital of France is" --model model.gguf
    """)
{
    new ThinkCommand(),
    new NextCommand(),
    new GenerateCommand(),
    new ReadCommand(),
    new NeighborsCommand(),
    new AnalogyCommand(),
    new TranslateCommand(),
    new ModelsCommand(),
    new DoctorCommand(),
};

return await CommandRunner.RunAsync(root, args);
